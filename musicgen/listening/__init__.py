"""The listening room: music side by side on one page, to see and to hear, with nothing to fetch."""
