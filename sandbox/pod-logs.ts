/** What containers wrote, for `GET …/pods/NAME/log`; whoever runs the pods provides it. */
export type PodLogs = {
  /**
   * Everything so far, lines ended by newlines, of the container's last start or of the one before; undefined when there was no such
   * start.
   */
  read(pod: PodIdentity, container: string, options?: { previous?: boolean }): string | undefined;
};

export type PodIdentity = { namespace: string; name: string; uid: string };
