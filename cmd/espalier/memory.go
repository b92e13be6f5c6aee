package main

// ballastSize is how much memory the server reserves and never touches.
const ballastSize = 64 << 20

// newBallast returns memory for the server to hold while it runs. Because nothing touches it, it takes no place; but it
// counts as heap, and the garbage collector waits until the heap has grown by as much as was in use. Without it a server
// of few accounts would collect fifty times a second under load.
func newBallast() []byte { return make([]byte, ballastSize) }
