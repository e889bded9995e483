"""What pages and programs hear while plans are made: events, the frames of the plan
socket, the socket itself, and who listens to it.
"""
