package policy

import "encoding/base64"

// operandChecks are the checks of the operands of conditions, as IAM makes them when a managed policy is
// created. The operands of comparisons that are not listed are any text: Bool and Null read every
// text, and only "true" as true.
var operandChecks = map[Test]check{
	NumericEquals:            number10,
	NumericNotEquals:         number10,
	NumericLessThan:          number10,
	NumericLessThanEquals:    number10,
	NumericGreaterThan:       number10,
	NumericGreaterThanEquals: number10,
	DateEquals:               date8601,
	DateNotEquals:            date8601,
	DateLessThan:             date8601,
	DateLessThanEquals:       date8601,
	DateGreaterThan:          date8601,
	DateGreaterThanEquals:    date8601,
	IPAddress:                addressBlock,
	NotIPAddress:             addressBlock,
	ArnEquals:                sixParts,
	ArnNotEquals:             sixParts,
	ArnLike:                  sixParts,
	ArnNotLike:               sixParts,
	BinaryEquals:             base64Text,
}

var (
	number10     = check{isNumber, "a decimal number"}
	date8601     = check{isDate, "a date such as 2026-01-31T12:00:00Z, or seconds since 1970"}
	addressBlock = check{isPrefix, "an IP address or a block of addresses such as 203.0.113.0/24"}
	sixParts     = check{isARN, "an ARN of six parts"}
	base64Text   = check{isBase64, "text in base64"}
)

func isNumber(text string) bool {
	_, ok := parseNumber(text)
	return ok
}

func isDate(text string) bool {
	_, ok := parseDate(text)
	return ok
}

func isPrefix(text string) bool {
	_, ok := parsePrefix(text)
	return ok
}

// isBase64 accepts text with and without padding: such operands differ in a comparison, which is of
// the text.
func isBase64(text string) bool {
	if _, err := base64.StdEncoding.DecodeString(text); err == nil {
		return true
	}
	_, err := base64.RawStdEncoding.DecodeString(text)
	return err == nil
}

// checkOperand returns what an operand of a comparison should have been, and "" when it is right. The
// operands with policy variables are not known before there is a request.
func (g *grammar) checkOperand(test Test, operand string) string {
	c, checked := operandChecks[test]
	if !checked || g.anyOperand && test != BinaryEquals || c.ok(operand) || parseTemplate(operand, verbatim) != nil {
		return ""
	}
	return c.expected
}

func verbatim(text string) string { return text }
