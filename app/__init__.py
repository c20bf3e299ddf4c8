"""spteproof: proofs about KVM shadow page table entries that several parties change at once."""

__version__ = "0.1.0"
