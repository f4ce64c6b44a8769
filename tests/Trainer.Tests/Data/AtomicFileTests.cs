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
        File.CreateSymbolicLink(_path + AtomicFile.PartialExtension, FullDisk);

        IOException error = Should.Throw<IOException>(() => AtomicFile.Write(_path, "new"));

        error.Message.ShouldContain("No space left on device");
        File.ReadAllText(_path).ShouldBe("old");
        Directory.GetFiles(_folder.FullName).ShouldBe([_path]);
    }

    [Fact]
    public async Task A_full_disk_is_reported_in_one_sentence()
    {
        _ = MnistImages.Folder;
        string model = Path.Combine(_folder.FullName, "model.onnx");
        File.CreateSymbolicLink(ModelWriter.CardPath(model) + AtomicFile.PartialExtension, FullDisk);
        string[] args =
        [
            "train", "--preset", "seed", "--hidden-size", "4", "--batch-size", "8", "--steps", "1", "--output", model,
        ];

        TrainerProgram.Result result = await TrainerProgram.RunAsync(args);

        result.ExitCode.ShouldBe(ExitCodes.RunFailed);
        result.Error.ShouldStartWith("A file could not be read or written: No space left on device");
        result.Error.ShouldNotContain("\n");
    }
}
