"""`python -m spteproof`."""

import sys

from spteproof.cli import main

sys.exit(main())
