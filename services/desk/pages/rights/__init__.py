"""The person's rights to the own data: file a request, answer it in time, read the proof."""
