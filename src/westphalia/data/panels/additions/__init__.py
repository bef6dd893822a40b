"""Additions, one file a family. Each lays its sources out on a grid of years and units; `join` does the rest.

STATES, DYADS and LEADERS give the function of each addition. The first two take a `Grid` and return variable ->
board; the third takes years and rows of archigos and returns variable -> column.
"""
