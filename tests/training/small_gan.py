"""Settings of a GAN that trains in seconds."""

GAN = {
    "steps_per_epoch": 3,
    "batch_size": 4,
    "warmup_steps": 2,
    "samples_every": 0,
    "latent_dim": 16,
    "width": 12,
    "voices": 4,
    "critic_width": 8,
    "valid_rolls": 4,
    "fuse": False,
    "penalty_every": 1,
}
