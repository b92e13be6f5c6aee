//go:build race

package effective

const raceDetector = true
