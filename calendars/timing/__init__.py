"""When to post: timing tables, learning from results, choosing times together, trials.
Plain data in and out.
"""
