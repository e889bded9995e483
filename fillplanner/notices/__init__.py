"""Telling people of what is done, by webhook or mail: an outbox, its deliveries, and the
words of the mails.
"""
