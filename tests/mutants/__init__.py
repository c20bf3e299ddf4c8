"""Small faults put into the tool's own source, one at a time: does some test see each of them?"""
