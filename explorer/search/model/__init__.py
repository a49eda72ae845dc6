"""What is expected of nets that were not trained yet: Gaussian processes over assignments."""
