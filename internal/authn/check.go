package authn

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// checkScope refuses a signature that was made for another service, another day or another version of the protocol.
// Any region will do: clients of an endpoint of their own sign for whatever region they are configured with.
func (a *authorization) checkScope(service Service) error {
	day := a.stamp[:8]
	switch {
	case a.scope.terminator != terminator:
		return refuse(InvalidSignature, "Credential should be scoped with a valid terminator: 'aws4_request', not '%s'. ",
			excerpt(a.scope.terminator))
	case a.scope.Service != service.Name:
		return refuse(InvalidSignature, "Credential should be scoped to correct service: '%s'. ", service.Name)
	case a.scope.Date != day:
		return refuse(InvalidSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "+
			"from HTTP: '%s' != '%s', from '%s'.", excerpt(a.scope.Date), day, a.stamp)
	}
	return nil
}

// checkSignedHeaders refuses a list of signed headers that is out of order, or lacks one that must be signed: host, and
// every x-amz- header of the request.
func (a *authorization) checkSignedHeaders(r *http.Request) error {
	for i, name := range a.signedHeaders {
		if !isHeaderName(name) || i > 0 && name <= a.signedHeaders[i-1] {
			return refuse(Incomplete, "'SignedHeaders' must be lower-case header names in ascending order.")
		}
	}
	if !a.signs("host") {
		return refuse(InvalidSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	const prefix = "x-amz-"
	for name := range r.Header {
		isOurs := len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
		if isOurs && !a.signs(strings.ToLower(name)) {
			return refuse(InvalidSignature, "'%s' must be a 'SignedHeader' in the AWS Authorization.", excerpt(name))
		}
	}
	return nil
}

// isHeaderName reports whether name is a lower-case header name. A presigned query could hide anything in it.
func isHeaderName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !isLowerOrDigit(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return name != ""
}

func (a *authorization) signs(header string) bool {
	_, found := slices.BinarySearch(a.signedHeaders, header)
	return found
}

// checkTime refuses a request whose date is too far from the clock, and a presigned one after its time.
func (a *authorization) checkTime(now time.Time, window time.Duration) error {
	if window < 0 {
		return nil
	}
	if window == 0 {
		window = DefaultWindow
	}
	now = now.UTC()
	earliest, latest := now.Add(-window), now.Add(window)
	switch {
	case a.at.After(latest):
		return refuse(InvalidSignature, "Signature not yet current: %s is still later than %s (%s + %g min.)",
			a.at.Format(basicFormat), latest.Format(basicFormat), now.Format(basicFormat), window.Minutes())
	case a.expires > 0 && now.After(a.at.Add(a.expires)):
		return refuse(RequestExpired, msgExpired)
	case a.expires == 0 && a.at.Before(earliest):
		return refuse(InvalidSignature, "Signature expired: %s is now earlier than %s (%s - %g min.)",
			a.at.Format(basicFormat), earliest.Format(basicFormat), now.Format(basicFormat), window.Minutes())
	}
	return nil
}

// checkPayloadHash refuses a request whose x-amz-content-sha256 header is not the hash of its body. That
// includes UNSIGNED-PAYLOAD and STREAMING-…, which only services with large bodies accept.
func checkPayloadHash(r *http.Request, payload string) error {
	for _, claimed := range r.Header.Values("X-Amz-Content-Sha256") {
		if claimed != payload {
			return refuse(InvalidSignature, msgMismatch)
		}
	}
	return nil
}
