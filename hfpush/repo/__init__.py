"""YOUR GIT REPOSITORY: what a push would carry, where its bytes are, folders made into repositories, git's own push.

The only package that runs git. It uploads no LFS object and speaks no HTTP.
"""
