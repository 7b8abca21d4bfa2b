// Node has WebAssembly, but its types come with lib.dom, which would let browser code compile. This much is used here.
declare namespace WebAssembly {
  class Module {
    private readonly brand
  }
  function compile(bytes: Uint8Array): Promise<Module>
}
