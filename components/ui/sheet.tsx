"use client";
import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";

type SheetProps = {
  readonly title: string;
  readonly wide?: boolean;
  readonly close: () => void;
  readonly children: ReactNode;
};

/** A dialog over the page. */
export function Sheet({ title, wide = false, close, children }: SheetProps) {
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && close()}
      className="fixed inset-0 z-30 overflow-auto bg-black/40"
    >
      <Modal
        className={`mx-auto my-[5vh] rounded-md border border-rule-strong bg-raised shadow-lg ${wide ? "w-[min(62rem,96vw)]" : "w-[min(38rem,94vw)]"}`}
      >
        <Dialog className="p-4 outline-none">
          <Heading slot="title" className="mb-3 text-[1.15rem] font-semibold">
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

export const PRIMARY = "control border-accent bg-accent text-on-accent hover:text-on-accent";

/** What went wrong, said to everybody. */
export function Problem({ error, className = "" }: { error: Error | null; className?: string }) {
  return error ? (
    <p role="alert" className={`text-bad break-words ${className}`}>
      {error.message}
    </p>
  ) : null;
}
