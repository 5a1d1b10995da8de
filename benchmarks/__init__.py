"""What we measure: `./run bench`, or `./run bench NAME`. How, and the last figures: README.md."""
