package org

import "strings"

// matchesAction tells whether a pattern matches an action, whose case does not
// matter.
func matchesAction(pattern, action string) bool {
	return matches(strings.ToLower(pattern), strings.ToLower(action))
}

// matches tells whether a text has the form of a pattern, in which * stands for
// any characters and ? for one. It takes no longer than the product of their
// lengths, because the parts between the stars are looked for from left to right
// and never again.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	head, tail := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return len(text) == len(pattern) && matchesHere(pattern, text)
	}
	if len(text) < len(head)+len(tail) || !matchesHere(head, text) || !matchesHere(tail, text[len(text)-len(tail):]) {
		return false
	}
	text = text[len(head) : len(text)-len(tail)]
	for _, part := range parts[1 : len(parts)-1] {
		for !matchesHere(part, text) {
			if text == "" {
				return false
			}
			text = text[1:]
		}
		text = text[len(part):]
	}
	return true
}

// matchesHere tells whether a text begins with a part of a pattern that has no
// star.
func matchesHere(part, text string) bool {
	if len(text) < len(part) {
		return false
	}
	for i := range len(part) {
		if part[i] != '?' && part[i] != text[i] {
			return false
		}
	}
	return true
}
