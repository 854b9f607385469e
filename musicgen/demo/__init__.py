"""The demonstration: start every service on this machine, run the pipeline, hear its champion."""
