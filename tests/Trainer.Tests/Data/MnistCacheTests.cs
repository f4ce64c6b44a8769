using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Tests.Training;

namespace MnistLstm.Trainer.Tests.Data;

/// <summary>Tests the cache of downloaded MNIST files, with the smallest file.</summary>
public sealed class MnistCacheTests : IDisposable
{
    private const string Name = "t10k-labels-idx1-ubyte";

    private static readonly MnistFile Labels = MnistFile.TestLabels;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_cache_is_filled_from_a_mirror_and_then_read()
    {
        using Mirror mirror = MirrorOf(Gzip.Compress(Plain()));
        var source = new MnistCache(Path.Combine(_folder.FullName, "not", "yet"), [mirror.Address]);

        byte[] downloaded = await ReadAsync(source);
        byte[] cached = await ReadAsync(source);

        downloaded.ShouldBe(Plain());
        cached.ShouldBe(downloaded);
        mirror.Requests.ShouldBe([Name + ".gz"]);
        Directory.GetFiles(source.Folder).ShouldHaveSingleItem().ShouldEndWith(Name + ".gz");
    }

    [Fact]
    public async Task A_download_is_used_if_the_cache_cannot_keep_it()
    {
        using Mirror mirror = MirrorOf(Gzip.Compress(Plain()));
        string file = Write("file", []);

        (await ReadAsync(new MnistCache(Path.Combine(file, "cache"), [mirror.Address]))).ShouldBe(Plain());
    }

    [Fact]
    public async Task The_next_mirror_is_tried_if_one_lacks_the_file_or_has_another()
    {
        byte[] changed = Plain();
        changed[^1] ^= 1;
        using var empty = new Mirror([]);
        using Mirror wrong = MirrorOf(Gzip.Compress(changed));
        using Mirror cutOff = MirrorOf(Gzip.Compress(Plain())[..^8]);
        using Mirror right = MirrorOf(Gzip.Compress(Plain()));

        byte[] bytes = await ReadAsync(
            new MnistCache(_folder.FullName, [empty.Address, wrong.Address, cutOff.Address, right.Address]));

        bytes.ShouldBe(Plain());
        wrong.Requests.ShouldHaveSingleItem();
        cutOff.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_damaged_file_in_the_cache_is_downloaded_again()
    {
        using Mirror mirror = MirrorOf(Gzip.Compress(Plain()));
        Write(Name + ".gz", Gzip.Compress(Plain())[..^100]);
        var source = new MnistCache(_folder.FullName, [mirror.Address]);

        (await ReadAsync(source)).ShouldBe(Plain());
        (await ReadAsync(source)).ShouldBe(Plain());

        mirror.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_damaged_file_does_not_hide_a_good_one()
    {
        Write(Name, Plain()[..^100]);
        Write(Name + ".gz", Gzip.Compress(Plain()));

        (await ReadAsync(new MnistCache(_folder.FullName, []))).ShouldBe(Plain());
    }

    [Fact]
    public async Task If_no_mirror_has_the_file_a_sentence_says_why_and_nothing_is_left_behind()
    {
        using var empty = new Mirror([]);
        using Mirror wrong = MirrorOf("<html>Log in first</html>"u8.ToArray());

        string problem = await ProblemAsync(new MnistCache(_folder.FullName, [empty.Address, wrong.Address]));

        problem.ShouldStartWith($"MNIST's {Name} could not be downloaded (127.0.0.1: ");
        problem.ShouldContain("404");
        problem.ShouldContain("127.0.0.1 sent a file with another SHA-256");
        problem.ShouldEndWith("Put the four files into a folder and name it with --data or MNIST_DIR.");
        _folder.EnumerateFileSystemInfos().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mirror_that_does_not_answer_is_skipped()
    {
        using Mirror mirror = MirrorOf(Gzip.Compress(Plain()));
        Uri gone;
        using (var closed = new Mirror([]))
        {
            gone = closed.Address;
        }

        (await ReadAsync(new MnistCache(_folder.FullName, [gone, mirror.Address]))).ShouldBe(Plain());
    }

    [Fact]
    public async Task A_mirror_that_cannot_be_found_is_named_once()
    {
        string problem = await ProblemAsync(new MnistCache(_folder.FullName, [new("https://mnist.invalid/")]));

        problem.ShouldStartWith($"MNIST's {Name} could not be downloaded (mnist.invalid: ");
        problem.Split("mnist.invalid").Length.ShouldBe(2, problem);
    }

    [Fact]
    public async Task A_download_that_is_stopped_leaves_nothing()
    {
        using Mirror mirror = MirrorOf(Gzip.Compress(Plain()));
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(
            () => new MnistCache(_folder.FullName, [mirror.Address])
            .ReadAsync(Labels, cancellation.Token));

        _folder.EnumerateFileSystemInfos().ShouldBeEmpty();
    }

    [Fact]
    public void The_public_mirrors_are_reached_over_TLS() =>
        MnistCache.PublicMirrors.ShouldAllBe(mirror => mirror.Scheme == "https");

    private static Mirror MirrorOf(byte[] file) => new(new Dictionary<string, byte[]> { [Name + ".gz"] = file });

    private static Task<byte[]> ReadAsync(MnistCache source) =>
        source.ReadAsync(Labels, TestContext.Current.CancellationToken);

    private static async Task<string> ProblemAsync(MnistCache source) =>
        (await Should.ThrowAsync<TrainerException>(() => ReadAsync(source))).Message;

    /// <summary>The file as it was before it was packed: eight bytes of header and the test labels.</summary>
    private static byte[] Plain()
    {
        MnistImages images = MnistImages.Test();
        return [0, 0, 8, 1, 0, 0, 0x27, 0x10, .. Enumerable.Range(0, images.Count).Select(n => (byte)images.Label(n))];
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
