"""What all tests share: hypothesis without deadlines, settings away from the user's own."""

from hypothesis import settings

settings.register_profile("musicgen", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("musicgen")
