package main

import (
	"strings"
	"unicode"
)

// exported capitalizes the first letter of a name of the model.
func exported(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// constant is the part of a constant's name that says which value of the enumeration it is:
// ServiceControlPolicy for SERVICE_CONTROL_POLICY, EventId for EventId.
func constant(value string) string {
	words := strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		if word == strings.ToUpper(word) {
			word = strings.ToLower(word)
		}
		words[i] = exported(word)
	}
	return strings.Join(words, "")
}

// article puts "a" or "an" before a name.
func article(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}
