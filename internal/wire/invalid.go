package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/espalier-cloud/espalier/internal/api"
	"github.com/espalier-cloud/espalier/internal/api/account"
	"github.com/espalier-cloud/espalier/internal/api/cloudtrail"
	"github.com/espalier-cloud/espalier/internal/api/organizations"
	"github.com/espalier-cloud/espalier/internal/api/tagging"
)

// Invalid is the answer of a service to an input of an operation that breaks constraints of its
// model, and nil when there are no violations.
func Invalid(service *api.Service, operation string, violations []api.Violation) api.Error {
	if len(violations) == 0 {
		return nil
	}
	switch service.Name {
	case organizations.ServiceName:
		return invalidOrganizations(operation, violations[0])
	case cloudtrail.ServiceName:
		return invalidCloudTrail(violations)
	case account.ServiceName:
		return invalidAccount(violations)
	case tagging.ServiceName:
		return &tagging.InvalidParameterException{Message: explain(violations)}
	}
	return Error{"ValidationError", explain(violations), http.StatusBadRequest}
}

// invalidOrganizations is the InvalidInputException for a violation. Its reason ends with the
// parameter at fault, unless the reason itself says which parameter it is.
func invalidOrganizations(operation string, v api.Violation) api.Error {
	reason, message := operationReason(operation, v)
	if reason == "" {
		reason, message = specificReason(v)
	}
	if reason == "" {
		reason, message = generalReason(v.Kind)
		reason += organizations.InvalidInputExceptionReason(":" + upperSnake(v.Path))
	}
	return &organizations.InvalidInputException{Message: message, Reason: reason}
}

const (
	wrongPattern = "You provided a value that does not match the required pattern."
	wrongValue   = "You specified an invalid value."
)

// operationReason returns the reason of a violation for which an operation was seen to answer with
// one of its own, and "" for all others.
func operationReason(operation string, v api.Violation) (organizations.InvalidInputExceptionReason, string) {
	switch {
	case operation == "DescribeEffectivePolicy" && v.Kind == api.Enum && v.Value != "SERVICE_CONTROL_POLICY":
		return organizations.InvalidInputExceptionReasonInvalidEnum + ":POLICY_TYPE", wrongValue
	case operation == "ListEffectivePolicyValidationErrors" && v.Path[0] == "AccountId":
		return organizations.InvalidInputExceptionReasonTargetNotSupported, "You specified a target that is not currently supported."
	}
	return "", ""
}

// specificReason returns the reason of a violation for which AWS has one that tells the parameter,
// and "" for all others.
func specificReason(v api.Violation) (organizations.InvalidInputExceptionReason, string) {
	switch {
	case v.Kind == api.Pattern && v.Shape == "PolicyTargetId":
		return organizations.InvalidInputExceptionReasonInvalidPatternTargetId, wrongPattern
	case v.Kind == api.Pattern && v.Shape == "PolicyId":
		return organizations.InvalidInputExceptionReasonInvalidSyntaxPolicyId, wrongPattern
	case v.Kind == api.Enum && (v.Shape == "PolicyType" || v.Shape == "EffectivePolicyType"):
		return organizations.InvalidInputExceptionReasonInvalidEnumPolicyType, "You specified an invalid policy type."
	case v.Kind == api.Enum && v.Shape == "HandshakePartyType":
		return organizations.InvalidInputExceptionReasonInvalidPartyTypeTarget, "You specified the wrong type of entity as the target of the handshake."
	}
	return "", ""
}

func generalReason(k api.Kind) (organizations.InvalidInputExceptionReason, string) {
	switch k {
	case api.Required:
		return organizations.InvalidInputExceptionReasonInputRequired, "You must provide a value for the parameter."
	case api.MinLength, api.MinItems:
		return organizations.InvalidInputExceptionReasonMinLengthExceeded, "You provided a value that is shorter than the minimum length."
	case api.MaxLength, api.MaxItems:
		return organizations.InvalidInputExceptionReasonMaxLengthExceeded, "You provided a value that is longer than the maximum length."
	case api.MinValue:
		return organizations.InvalidInputExceptionReasonMinValueExceeded, "You provided a value that is below the minimum allowed."
	case api.MaxValue:
		return organizations.InvalidInputExceptionReasonMaxValueExceeded, "You provided a value that exceeds the maximum allowed."
	case api.Pattern:
		return organizations.InvalidInputExceptionReasonInvalidPattern, wrongPattern
	case api.ListMember:
		return organizations.InvalidInputExceptionReasonInvalidListMember, "You provided a list that contains an invalid value."
	case api.Enum:
	}
	return organizations.InvalidInputExceptionReasonInvalidEnum, wrongValue
}

// invalidCloudTrail uses the exception that the model has for the parameter at fault.
func invalidCloudTrail(violations []api.Violation) api.Error {
	message := explain(violations)
	switch violations[0].Path[0] {
	case "MaxResults":
		return &cloudtrail.InvalidMaxResultsException{Message: message}
	case "LookupAttributes":
		return &cloudtrail.InvalidLookupAttributesException{Message: message}
	case "EventCategory":
		return &cloudtrail.InvalidEventCategoryException{Message: message}
	}
	return Error{"ValidationException", message, http.StatusBadRequest}
}

func invalidAccount(violations []api.Violation) api.Error {
	e := &account.ValidationException{
		Message: explain(violations),
		Reason:  account.ValidationExceptionReasonFieldValidationFailed,
	}
	for _, v := range violations[:min(len(violations), maxExplained)] {
		e.FieldList = append(e.FieldList, account.ValidationExceptionField{
			Name:    new(lowerCamelPath(v.Path)),
			Message: new(explanation(v)),
		})
	}
	return e
}

// maxExplained is the number of violations that a message goes into.
const maxExplained = 10

// explain is the sentence with which most services describe violations.
func explain(violations []api.Violation) string {
	var explanations []string
	for _, v := range violations[:min(len(violations), maxExplained)] {
		explanations = append(explanations, explanation(v))
	}
	plural := "s"
	if len(violations) == 1 {
		plural = ""
	}
	return fmt.Sprintf("%d validation error%s detected: %s", len(violations), plural, strings.Join(explanations, "; "))
}

func explanation(v api.Violation) string {
	value := ""
	switch {
	case v.Kind == api.Required:
		value = "null "
	case v.Value != "" && v.Kind != api.MinItems && v.Kind != api.MaxItems:
		value = "'" + shorten(v.Value) + "' "
	}
	return "Value " + value + "at '" + lowerCamelPath(v.Path) + "' failed to satisfy constraint: " + constraint(v)
}

// constraint says what a value must be to satisfy the constraint that it breaks.
func constraint(v api.Violation) string {
	limit := strconv.FormatInt(v.Limit, 10)
	switch v.Kind {
	case api.Required:
		return "Member must not be null"
	case api.MinLength, api.MinItems:
		return "Member must have length greater than or equal to " + limit
	case api.MaxLength, api.MaxItems:
		return "Member must have length less than or equal to " + limit
	case api.MinValue:
		return "Member must have value greater than or equal to " + limit
	case api.MaxValue:
		return "Member must have value less than or equal to " + limit
	case api.Pattern:
		return "Member must satisfy regular expression pattern: " + v.Pattern
	case api.Enum, api.ListMember:
	}
	return "Member must satisfy enum value set: [" + strings.Join(v.Enum, ", ") + "]"
}

// shorten keeps a message readable however long the value is that it repeats.
func shorten(value string) string {
	const longest = 256
	if len(value) <= longest {
		return value
	}
	return strings.ToValidUTF8(value[:longest], "") + "…"
}

func lowerCamelPath(path []string) string {
	names := make([]string, len(path))
	for i, name := range path {
		names[i] = lowerCamel(name)
	}
	return strings.Join(names, ".")
}

// upperSnake writes a path as reasons do: Filter, ActionType is FILTER_ACTION_TYPE.
func upperSnake(path []string) string {
	var b strings.Builder
	for _, name := range path {
		if b.Len() > 0 {
			b.WriteByte('_')
		}
		letters := []rune(name)
		for i, r := range letters {
			startsWord := i > 0 && unicode.IsUpper(r) &&
				(!unicode.IsUpper(letters[i-1]) || (i+1 < len(letters) && unicode.IsLower(letters[i+1])))
			if startsWord {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}
