package org

var messages = map[Kind]string{}
var reasons = map[Reason]string{}
