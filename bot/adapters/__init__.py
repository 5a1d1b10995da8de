"""Platforms: each a package or file that joins one platform to the core and knows no other."""
