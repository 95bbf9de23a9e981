"""What the Makefile calls, and what made the files that the package ships."""
