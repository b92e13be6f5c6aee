package org

import "strings"

// validEmail tells whether an address is one that CreateAccount accepts: 7-bit
// ASCII with one @; before it no white space, none of " ' ( ) < > [ ] : ; , \ | % &
// and no leading dot; behind it letters, digits, hyphens and dots, at least one
// dot, and neither hyphen nor dot at the ends.
//
// Source: the Email parameter of
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html.
func validEmail(email string) bool {
	local, domain, ok := strings.Cut(email, "@")
	return ok && local != "" && local[0] != '.' &&
		strings.IndexFunc(local, notInLocalPart) < 0 &&
		strings.IndexFunc(domain, notInDomain) < 0 &&
		strings.Contains(domain, ".") &&
		domain == strings.Trim(domain, "-.")
}

func notInLocalPart(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"'()<>[]:;,\|%&@`, r)
}

func notInDomain(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '-' && r != '.'
}
