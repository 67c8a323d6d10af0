/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of mpath-boot. Each takes argv from its own name on and returns an exit code.
 */
#ifndef MPATH_COMMAND_H
#define MPATH_COMMAND_H

int command_claim(int argc, char **argv);
int command_guard(int argc, char **argv);
int command_assemble(int argc, char **argv);
int command_wait(int argc, char **argv);
int command_status(int argc, char **argv);
int command_timeline(int argc, char **argv);
int command_plan(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_list(int argc, char **argv);
int command_connect(int argc, char **argv);
int command_extend(int argc, char **argv);
int command_relink(int argc, char **argv);
int command_linger(int argc, char **argv);

/* Seconds as a decimal number into *ms; complains and returns false if it is none. */
_Bool command_seconds(const char *text, unsigned int *ms);

#endif
