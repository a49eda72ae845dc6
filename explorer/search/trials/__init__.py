"""Trials: what they are to do, how they are stored, and the queue that hands them out."""
