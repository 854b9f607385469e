"""Notes, scores and the beat grid. Pure: bytes and arrays in, bytes and arrays out."""
