class Rolecall < Formula
  desc "Compliance scanner for S3, EC2 and VPC across many AWS accounts"
  homepage "https://github.com/OWNER/rolecall"
  version "@VERSION@"
  license any_of: ["Apache-2.0", "MIT"]

  on_macos do
    on_arm do
      url "https://github.com/OWNER/rolecall/releases/download/v@VERSION@/rolecall-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256_aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/OWNER/rolecall/releases/download/v@VERSION@/rolecall-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256_x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/OWNER/rolecall/releases/download/v@VERSION@/rolecall-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256_aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/OWNER/rolecall/releases/download/v@VERSION@/rolecall-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256_x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "rolecall"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/rolecall.bash" => "rolecall"
    fish_completion.install "completions/rolecall.fish"
    zsh_completion.install "completions/_rolecall"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/rolecall -V")
    system bin/"rolecall", "test"
  end
end
