"""Where the trials of a study are kept, who holds them, and the locks around them."""
