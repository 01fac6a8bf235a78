"""What happens inside a network: errors over time, memory, contraction, segments."""
