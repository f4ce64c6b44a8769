using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Onnx;

namespace MnistLstm.Trainer.Tests.Data;

public sealed class AtomicFileTests : IDisposable
{
    /// <summary>Takes no byte, as a disk that is full.</summary>
    private const string FullDisk = "/dev/full";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");
    private readonly string _path;

    public AtomicFileTests() => _path = Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_full_disk_leaves_the_old_file_and_no_part_of_the_new_one()
    {
        File.WriteAllText(_path, "old");
        IOException error;
        using (var file = new AtomicFile(_path))
        {
            File.CreateSymbolicLink(file.PartialPath, FullDisk);

            error = Should.Throw<IOException>(() => file.Write("new"u8));
        }

        error.Message.ShouldContain("No space left on device");
        File.ReadAllText(_path).ShouldBe("old");
        Directory.GetFiles(_folder.FullName).ShouldBe([_path]);
    }

    [Fact]
    public void Two_programs_may_write_the_same_file()
    {
        using var first = new AtomicFile(_path);
        using var second = new AtomicFile(_path);
        first.Write("first"u8);
        second.Write("second"u8);

        first.Commit();
        File.ReadAllText(_path).ShouldBe("first");
        second.Commit();
        File.ReadAllText(_path).ShouldBe("second");
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_reported_in_one_sentence()
    {
        _ = MnistImages.Folder;
        string model = Path.Combine(_folder.FullName, "model.onnx");
        Directory.CreateDirectory(ModelWriter.CardPath(model));
        string[] args =
        [
            "train", "--preset", "seed", "--hidden-size", "4", "--batch-size", "8", "--steps", "1", "--output", model,
        ];

        TrainerProgram.Result result = await TrainerProgram.RunAsync(args);

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.ShouldStartWith("A file could not be read or written: ");
        result.Error.ShouldNotContain("\n");
    }
}
