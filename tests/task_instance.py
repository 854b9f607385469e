"""What an operator knows of its task in tests."""


class Instance:
    """Remembers what was pushed."""

    def __init__(self):
        self.pushed = {}

    def xcom_push(self, key, value):
        self.pushed[key] = value
