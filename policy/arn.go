package policy

import (
	"errors"
	"strings"
)

// ARN is an Amazon Resource Name, split into its six parts.
type ARN struct {
	Partition, Service, Region, Account string
	// Resource is the sixth part, whole: it may hold further colons.
	Resource string
}

// ErrARN reports a text that is not an Amazon Resource Name.
var ErrARN = errors.New("not an ARN: expected arn:partition:service:region:account:resource")

// ParseARN splits an ARN at its first five colons.
func ParseARN(text string) (ARN, error) {
	parts, ok := splitARN(text)
	if !ok || parts[1] == "" || parts[2] == "" || parts[5] == "" {
		return ARN{}, ErrARN
	}
	return ARN{Partition: parts[1], Service: parts[2], Region: parts[3], Account: parts[4], Resource: parts[5]}, nil
}

// String joins the parts again.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.Account + ":" + a.Resource
}

// isARN tells whether splitARN splits a text.
func isARN(text string) bool {
	_, ok := headOfARN(text)
	return ok
}

// headOfARN returns the length of the first five parts of an ARN, each with its colon.
func headOfARN(text string) (length int, ok bool) {
	head, _, ok := cutHead(text)
	return len(head), ok && strings.HasPrefix(head, "arn:")
}

// splitARN splits at the first five colons, and reports whether there are as many and the text
// begins with arn.
func splitARN(text string) (parts [6]string, ok bool) {
	rest := text
	for i := range 5 {
		colon := strings.IndexByte(rest, ':')
		if colon < 0 {
			return parts, false
		}
		parts[i], rest = rest[:colon], rest[colon+1:]
	}
	parts[5] = rest
	return parts, parts[0] == "arn"
}
