package org

import (
	"slices"
	"time"
)

// Requirement is something that an account must have for what it is asked to
// do, to stand alone for example. The operator of a server says which of them an
// account lacks.
type Requirement string

// The requirements that AWS names in its reasons. They are stored: their names
// never change.
const (
	PaymentMethod          Requirement = "payment-method"
	SupportedPaymentMethod Requirement = "supported-payment-method" // not of an issuer that AWS does not take
	PhoneVerification      Requirement = "phone-verification"
	Agreement              Requirement = "agreement" // the customer agreement is accepted
	ContactInformation     Requirement = "contact-information"
	ValidAddress           Requirement = "valid-address"
	MarketplaceAddress     Requirement = "marketplace-address" // the address is in the country of the seller
	VerifiedEmail          Requirement = "verified-email"
	BusinessLicense        Requirement = "business-license" // in China

	// What responsibility transfers need of both management accounts.
	TransferablePricing  Requirement = "transferable-pricing"  // an agreement on prices that allows it
	BillingPrerequisites Requirement = "billing-prerequisites" // whatever else AWS Billing asks for
	SettledPrepayments   Requirement = "settled-prepayments"   // no balance is left
	SettledInvoices      Requirement = "settled-invoices"      // none is past due
	BillingPermissions   Requirement = "billing-permissions"   // the fine-grained actions of IAM are in use
)

// Requirements returns all requirements.
func Requirements() []Requirement {
	return []Requirement{
		PaymentMethod, SupportedPaymentMethod, PhoneVerification, Agreement, ContactInformation, ValidAddress,
		MarketplaceAddress, VerifiedEmail, BusinessLicense,
		TransferablePricing, BillingPrerequisites, SettledPrepayments, SettledInvoices, BillingPermissions,
	}
}

// Lacks are the requirements that an account does not meet.
type Lacks []Requirement

// has tells whether a requirement is not met.
func (l Lacks) has(r Requirement) bool { return slices.Contains(l, r) }

// A consequence is the reason of a refusal for want of something.
type consequence[R ~string] struct {
	lack   Requirement
	reason R
}

// first returns the reason of the first consequence of what is lacking, or "".
func first[R ~string](lacks Lacks, consequences ...consequence[R]) R {
	for _, c := range consequences {
		if lacks.has(c.lack) {
			return c.reason
		}
	}
	return ""
}

// forLeaving returns why an account cannot stand alone, or "".
func (l Lacks) forLeaving() Reason {
	return first(l,
		consequence[Reason]{PaymentMethod, "MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		consequence[Reason]{SupportedPaymentMethod, "INVALID_PAYMENT_INSTRUMENT"},
		consequence[Reason]{PhoneVerification, "ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"},
		consequence[Reason]{Agreement, "ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA"},
	)
}

// forManaging returns why an account cannot be the management account of an
// organization that gets accounts, or "".
func (l Lacks) forManaging() Reason {
	return first(l,
		consequence[Reason]{PaymentMethod, "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"},
		consequence[Reason]{ContactInformation, "MASTER_ACCOUNT_MISSING_CONTACT_INFO"},
	)
}

// forCreating returns why the account that was asked for cannot be made, when
// its management account lacks something, or "".
func (l Lacks) forCreating() FailureReason {
	return first(l,
		consequence[FailureReason]{PaymentMethod, MissingPaymentInstrument},
		consequence[FailureReason]{SupportedPaymentMethod, InvalidPaymentInstrument},
		consequence[FailureReason]{ValidAddress, InvalidAddress},
		consequence[FailureReason]{BusinessLicense, MissingBusinessValidation},
	)
}

// forTransferring returns why the pricing or billing of an account does not let its
// organization take part in a responsibility transfer, or "".
func (l Lacks) forTransferring() Reason {
	return first(l,
		consequence[Reason]{TransferablePricing, "UNSUPPORTED_PRICING"},
		consequence[Reason]{BillingPrerequisites, "UNMET_BILLING_PREREQUISITE"},
	)
}

// forTransferHandshakes returns what an account has to settle before its
// organization takes part in a responsibility transfer, or "".
func (l Lacks) forTransferHandshakes() Reason {
	return first(l,
		consequence[Reason]{SettledPrepayments, "UNUSED_PREPAYMENT_BALANCE"},
		consequence[Reason]{SettledInvoices, "PAST_DUE_INVOICE"},
		consequence[Reason]{BillingPermissions, "LEGACY_PERMISSIONS_STILL_IN_USE"},
	)
}

// Facts are what the rules about memberships must know of an account beside its
// membership.
type Facts struct {
	ID        AccountID
	Name      string
	Email     string
	State     AccountState
	Partition string // where it lives
	Seller    string // of record: the AWS company that the account buys from, empty for the usual one
	Lacks     Lacks
	Moved     time.Time // when it entered or left an organization the last time, zero when it never did
}

// buysLike tells whether two accounts have the same seller of record: nobody sells in
// two partitions.
func (f *Facts) buysLike(other *Facts) bool {
	return f.Seller == other.Seller && f.Partition == other.Partition
}
