"""What a dataset must be before anything is trained on it, and the verdict on it."""
