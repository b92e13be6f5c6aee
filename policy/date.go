package policy

import (
	"strings"
	"time"
)

// parseDate reads a date as milliseconds since 1970: YYYY-MM-DD, or that with Thh:mm, Thh:mm:ss or
// Thh:mm:ss.fraction and an optional zone (Z, ±hh:mm, ±hhmm or ±hh; UTC without one), or a signed
// number of seconds since 1970. Digits behind the millisecond are cut off.
func parseDate(text string) (int64, bool) {
	if seconds, ok := parseEpoch(text); ok {
		return seconds * 1000, true
	}
	day, clock, timed := strings.Cut(text, "T")
	if len(day) != len(time.DateOnly) || day[4] != '-' || day[7] != '-' {
		return 0, false
	}
	year, ok1 := parseField(day[:4], 0, 9999)
	month, ok2 := parseField(day[5:7], 1, 12)
	date, ok3 := parseField(day[8:], 1, 31)
	if !ok1 || !ok2 || !ok3 {
		return 0, false
	}
	midnight := time.Date(year, time.Month(month), date, 0, 0, 0, 0, time.UTC)
	if midnight.Day() != date {
		return 0, false
	}
	if !timed {
		return midnight.UnixMilli(), true
	}
	millis, ok := parseClock(clock)
	return midnight.UnixMilli() + millis, ok
}

// parseEpoch reads seconds since 1970, of at most fifteen digits.
func parseEpoch(text string) (int64, bool) {
	rest, negative := cutSign(text)
	if rest == "" || len(rest) > 15 || !digits(rest) {
		return 0, false
	}
	seconds := int64(0)
	for i := range len(rest) {
		seconds = seconds*10 + int64(rest[i]-'0')
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}

// parseClock reads a time of the day with an optional zone, as milliseconds since midnight in UTC.
func parseClock(text string) (int64, bool) {
	zone, zoned := int64(0), true
	if i := strings.IndexAny(text, "Z+-"); i >= 0 {
		zone, zoned = parseZone(text[i:])
		text = text[:i]
	}
	text, fraction, fractional := strings.Cut(text, ".")
	seconds, ok := parseTimeOfDay(text)
	if !ok || !zoned || fractional && (len(text) < len("hh:mm:ss") || fraction == "" || !digits(fraction)) {
		return 0, false
	}
	millis := 0
	for i := range 3 {
		millis *= 10
		if i < len(fraction) {
			millis += int(fraction[i] - '0')
		}
	}
	return seconds*1000 + int64(millis) - zone, true
}

// parseTimeOfDay reads hh:mm or hh:mm:ss as seconds since midnight.
func parseTimeOfDay(text string) (int64, bool) {
	hours, rest, ok := strings.Cut(text, ":")
	minutes, seconds, long := strings.Cut(rest, ":")
	if !long {
		seconds = "00"
	}
	if !ok || len(hours) != 2 || len(minutes) != 2 || len(seconds) != 2 {
		return 0, false
	}
	hour, ok1 := parseField(hours, 0, 23)
	minute, ok2 := parseField(minutes, 0, 59)
	second, ok3 := parseField(seconds, 0, 59)
	return int64(hour)*3600 + int64(minute)*60 + int64(second), ok1 && ok2 && ok3
}

// parseZone reads the distance of a zone from UTC, in milliseconds.
func parseZone(text string) (int64, bool) {
	if text == "Z" {
		return 0, true
	}
	rest, negative := cutSign(text)
	if len(rest) < len("hh") {
		return 0, false
	}
	minutes := strings.TrimPrefix(rest[2:], ":")
	hour, ok1 := parseField(rest[:2], 0, 23)
	minute, ok2 := parseField(minutes, 0, 59)
	switch {
	case len(rest) == len("hh"):
		ok2 = true
	case len(minutes) != len("mm"):
		return 0, false
	}
	offset := (int64(hour)*60 + int64(minute)) * 60_000
	if negative {
		offset = -offset
	}
	return offset, ok1 && ok2
}

// parseField reads digits as a number within limits.
func parseField(text string, low, high int) (int, bool) {
	if !digits(text) || text == "" {
		return 0, false
	}
	n := 0
	for i := range len(text) {
		n = n*10 + int(text[i]-'0')
	}
	return n, low <= n && n <= high
}
