package api

import (
	"context"
	"errors"
	"testing"
)

type input struct{ Text string }

func (*input) Validate() []Violation { return nil }

type output struct{ Text string }

func TestBind(t *testing.T) {
	failure := errors.New("failure")
	op := Bind(&Description{Name: "Echo"}, func(_ context.Context, caller string, in *input) (*output, error) {
		if in.Text == "" {
			return &output{}, failure
		}
		return &output{caller + in.Text}, nil
	})
	if op.Name != "Echo" {
		t.Errorf("the operation is %s", op.Name)
	}
	out, err := op.Invoke(context.Background(), "a", &input{"b"})
	if o, ok := out.(*output); err != nil || !ok || o.Text != "ab" {
		t.Errorf("got %v, %v", out, err)
	}
	if out, err := op.Invoke(context.Background(), "a", &input{}); out != nil || !errors.Is(err, failure) {
		t.Errorf("a failed operation answers %v, %v", out, err)
	}
	if out, err := op.Invoke(context.Background(), "a", &output{}); out != nil || err == nil {
		t.Errorf("the input of another operation is taken: %v", out)
	}
}

func TestUnimplemented(t *testing.T) {
	for service, code := range map[string]string{"organizations": "UnsupportedAPIEndpointException", "iam": "NotImplemented"} {
		var e Error = &UnimplementedError{Service: &Service{Name: service, Title: "AWS Toys"}, Operation: "Play"}
		if e.ErrorCode() != code || e.HTTPStatus() != 400 || e.Error() != code+": This version of Espalier does not implement AWS Toys Play." {
			t.Errorf("%s: %v with status %d", service, e, e.HTTPStatus())
		}
	}
}
