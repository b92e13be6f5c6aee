package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	// levels of an organization, with a service control policy of statementsPerLevel each.
	levels             = 5
	statementsPerLevel = 20
	// rolePolicies are the policies of the role besides AdministratorAccess.
	rolePolicies = 9
	// lone and crowd are how many users or roles one client and many make in an account, within its quota of roles.
	lone, crowd = 150, 700
)

// authorization measures what decisions cost the calls that they are made for, and how IAM and STS take many clients.
func (b *bench) authorization() error {
	step, err := stepCost()
	if err != nil {
		return err
	}
	ids, err := b.seed("authorization", 2*b.rounds+1, true)
	if err != nil {
		return err
	}
	s, err := b.run("authorization")
	if err != nil {
		return err
	}
	defer s.stop()
	deep := ids[2*b.rounds]
	if err := s.deepen(deep); err != nil {
		return err
	}
	role, err := s.enter(deep)
	if err != nil {
		return err
	}
	if err := role.burden(); err != nil {
		return err
	}
	root := &contender{name: "authorization", process: s.process, endpoint: s.endpoint, ids: ids}
	body := func(int) string { return describe(deep) }
	rates, all, err := b.compare(root, root.repeated("DescribeAccount", body), role.repeated("DescribeAccount", body))
	if err != nil {
		return err
	}
	b.group("Authorization", []figure{
		{name: "of a role under a long chain, added to a call", value: step.Seconds() * 1e6, target: 3, unit: " µs", detail: "the step by itself, the fastest of five runs"},
		{name: fmt.Sprintf("DescribeAccount by that role, against the management account's root, at %d connections", clients), value: ratio(rates[1], rates[0]), target: 0.85, atLeast: true, unit: "×",
			detail: fmt.Sprintf("%.0f/s (p50 %v) against %.0f/s (p50 %v)", median(rates[1]), short(median(all[1].latencies)), median(rates[0]), short(median(all[0].latencies)))},
	})
	return b.manyClients(s, ids)
}

// stepCost measures the step of a call that authorizes it, inside of the server.
func stepCost() (time.Duration, error) {
	command := exec.Command("go", "test", "-run", "^$", "-bench", "^BenchmarkAuthorize$/role", "-count", "5", "./internal/server")
	command.Dir = ".."
	out, err := command.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("go test: %w\n%s", err, out)
	}
	least := time.Duration(1<<63 - 1)
	for _, match := range regexp.MustCompile(`([0-9.]+) ns/op`).FindAllSubmatch(out, -1) {
		nanoseconds, err := strconv.ParseFloat(string(match[1]), 64)
		if err != nil {
			return 0, err
		}
		least = min(least, time.Duration(nanoseconds))
	}
	return least, nil
}

// deepen puts an account below service control policies on every level, and lets it read the organization.
func (s *espalier) deepen(account string) error {
	var roots struct{ Roots []struct{ Id string } }
	if err := s.tell(&roots, "ListRoots", `{}`); err != nil {
		return err
	}
	root := roots.Roots[0].Id
	calls := [][2]string{
		{"EnablePolicyType", fmt.Sprintf(`{"RootId":%q,"PolicyType":"SERVICE_CONTROL_POLICY"}`, root)},
		{"EnableAWSServiceAccess", `{"ServicePrincipal":"config.amazonaws.com"}`},
		{"RegisterDelegatedAdministrator", fmt.Sprintf(`{"AccountId":%q,"ServicePrincipal":"config.amazonaws.com"}`, account)},
	}
	for _, c := range calls {
		if _, err := s.mustCall(c[0], c[1]); err != nil {
			return err
		}
	}
	parent := root
	for level := range levels {
		if err := s.guard(level, parent); err != nil {
			return err
		}
		if level == levels-1 {
			break
		}
		var made struct{ OrganizationalUnit struct{ Id string } }
		if err := s.tell(&made, "CreateOrganizationalUnit", fmt.Sprintf(`{"ParentId":%q,"Name":"Level %d"}`, parent, level)); err != nil {
			return err
		}
		parent = made.OrganizationalUnit.Id
	}
	_, err := s.mustCall("MoveAccount", fmt.Sprintf(`{"AccountId":%q,"SourceParentId":%q,"DestinationParentId":%q}`, account, root, parent))
	return err
}

// guard attaches a policy of many statements.
func (s *espalier) guard(level int, target string) error {
	statements := make([]string, statementsPerLevel)
	for n := range statements {
		statements[n] = fmt.Sprintf(`{"Effect":"Deny","Action":["service%d%d:Delete*","organizations:Delete%d*"],"Resource":"*"}`, level, n, n)
	}
	content := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	var made struct {
		Policy struct{ PolicySummary struct{ Id string } }
	}
	if err := s.tell(&made, "CreatePolicy", fmt.Sprintf(`{"Type":"SERVICE_CONTROL_POLICY","Name":"Level %d","Description":"","Content":%q}`, level, content)); err != nil {
		return err
	}
	_, err := s.mustCall("AttachPolicy", fmt.Sprintf(`{"PolicyId":%q,"TargetId":%q}`, made.Policy.PolicySummary.Id, target))
	return err
}

// enter begins a session of the role that the management account has in a member account.
func (e endpoint) enter(account string) (endpoint, error) {
	answer, err := e.mustSend(e.form("sts", "Action", "AssumeRole", "Version", "2011-06-15", "RoleArn", accessRole(account), "RoleSessionName", "bench"))
	if err != nil {
		return e, err
	}
	element := func(name string) string {
		_, rest, _ := strings.Cut(string(answer), "<"+name+">")
		text, _, _ := strings.Cut(rest, "</")
		return text
	}
	return endpoint{e.address, aws.Credentials{AccessKeyID: element("AccessKeyId"), SecretAccessKey: element("SecretAccessKey"), SessionToken: element("SessionToken")}}, nil
}

func accessRole(account string) string {
	return "arn:aws:iam::" + account + ":role/OrganizationAccountAccessRole"
}

// mustSend sends a request that succeeds.
func (e endpoint) mustSend(request []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	answer, status, err := e.send(request)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", status, answer)
	}
	return answer, err
}

// burden gives the caller's role more policies.
func (e endpoint) burden() error {
	for n := range rolePolicies {
		document := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["service%d:Get*","organizations:List*"],"Resource":"*"}}`, n)
		_, err := e.mustSend(e.form("iam", "Action", "PutRolePolicy", "Version", "2010-05-08",
			"RoleName", "OrganizationAccountAccessRole", "PolicyName", fmt.Sprintf("policy%d", n), "PolicyDocument", document))
		if err != nil {
			return err
		}
	}
	return nil
}

// manyClients compares the rates of many clients with those of one. Each round makes users and roles in accounts of its
// own.
func (b *bench) manyClients(s *espalier, ids []string) error {
	const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	var figures []figure
	for number, write := range []struct {
		name string
		form func(e endpoint, account string, n int64) ([]byte, error)
	}{
		{"CreateRole", func(e endpoint, _ string, n int64) ([]byte, error) {
			return e.form("iam", "Action", "CreateRole", "Version", "2010-05-08", "RoleName", fmt.Sprintf("role%d", n), "AssumeRolePolicyDocument", trust)
		}},
		{"CreateUser", func(e endpoint, _ string, n int64) ([]byte, error) {
			return e.form("iam", "Action", "CreateUser", "Version", "2010-05-08", "UserName", fmt.Sprintf("user%d", n))
		}},
		{"AssumeRole", func(_ endpoint, account string, n int64) ([]byte, error) {
			return s.form("sts", "Action", "AssumeRole", "Version", "2011-06-15", "RoleArn", accessRole(account), "RoleSessionName", fmt.Sprintf("session%d", n))
		}},
	} {
		var one, many []float64
		var last measurement
		for round := range b.rounds {
			account := ids[round+b.rounds*(number%2)]
			inside, err := s.enter(account)
			if err != nil {
				return err
			}
			var made atomic.Int64
			form := func() ([]byte, error) { return write.form(inside, account, made.Add(1)) }
			alone, err := s.burst(1, lone, form)
			if err != nil {
				return fmt.Errorf("%s: %w", write.name, err)
			}
			if last, err = s.burst(clients, crowd, form); err != nil {
				return fmt.Errorf("%s: %w", write.name, err)
			}
			one, many = append(one, alone.rate()), append(many, last.rate())
		}
		figures = append(figures, figure{
			name: write.name, value: ratio(many, one), target: 5, atLeast: true, unit: "×",
			detail: fmt.Sprintf("%.0f/s (p50 %v) against %.0f/s", median(many), short(median(last.latencies)), median(one)),
		})
	}
	b.group(fmt.Sprintf("%d clients against one, rate", clients), figures)
	return nil
}

// burst sends about a number of requests over some connections.
func (e endpoint) burst(connections int, requests int64, next func() ([]byte, error)) (measurement, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var sent atomic.Int64
	return e.load(ctx, connections, func(int) (func() ([]byte, error), error) {
		return func() ([]byte, error) {
			if sent.Add(1) >= requests {
				cancel()
			}
			return next()
		}, nil
	})
}
