"""What a CronTask is and when it runs.

The core is shared by the operator and the facade. It knows no framework, opens no
connection and reads no clock: time, identifiers and objects come in as arguments.
"""
