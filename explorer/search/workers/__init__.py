"""Who scores candidates: workers, the queue that they ask, and the supervisor that starts them."""
