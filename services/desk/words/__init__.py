"""What the desk says, in every language it speaks."""
