using System.CommandLine;
using System.Text.RegularExpressions;
using MnistLstm.Shared.Decoding;
using MnistLstm.Shared.Models;
using MnistLstm.Shared.Pixels;
using MnistLstm.Trainer.Commands;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Reports;
using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests.Commands;

/// <summary>The program as it is started by a person: what it says, what it leaves and what it ends with.</summary>
public sealed partial class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("", "Required command was not provided. See --help.")]
    [InlineData("trian", "There is no command 'trian'. Did you mean 'train'? See --help.")]
    [InlineData("learn --preset seed", "There is no command 'learn'. See --help.")]
    [InlineData("train", "Option '--preset' is required. See --help.")]
    [InlineData("train --preset seed --hiden-size 8",
        "There is no option '--hiden-size'. Did you mean '--hidden-size'? See --help.")]
    [InlineData("train --preset sead", "--preset is 'sead', but it must be seed or best.")]
    [InlineData("train --preset seed --seed -1", "--seed is '-1', but it must be a whole number from 0 to 2147483647.")]
    [InlineData("train --preset seed --learning-rate fast",
        "--learning-rate is 'fast', but it must be a number from 0 to 1.")]
    [InlineData("train --preset seed --learning-rate",
        "Required argument missing for option: '--learning-rate'. See --help.")]
    [InlineData("train --preset best --steps 100",
        "A run with --teachers takes whole epochs, but this one (--preset best) has 100 steps: ")]
    [InlineData("train --preset seed --teachers 3",
        "A run with --teachers takes whole epochs, but this one (--preset seed) has 781 steps: ")]
    [InlineData("train --preset seed --steps 100 --epochs 3",
        "--steps and --epochs both say how long to train: give one of them.")]
    [InlineData("train --preset seed --matrix-rate 0.8",
        "--matrix-rate would be ignored: only a run with --teachers or --evidence-epochs uses it. Leave it out.")]
    [InlineData("train --preset seed --teacher-epochs 9",
        "--teacher-epochs would be ignored: only a run with --teachers uses it. Leave it out.")]
    [InlineData("train --preset best --rotation 15",
        "--rotation would be ignored: only a run without --teachers uses it. Leave it out.")]
    [InlineData("train --preset best --evidence-epochs 0 --digit-margin 3",
        "--digit-margin would be ignored: only a run with --evidence-epochs uses it. Leave it out.")]
    [InlineData("train --preset best --number-format float32 --float-share 1",
        "--float-share would be ignored: only a run with --number-format bfloat16 uses it. Leave it out.")]
    [InlineData("train --preset seed --output .", "--output '.' is a folder; name the file.")]
    [InlineData("train --preset seed --output {folder}/new/", "--output '{folder}/new/' is a folder; name the file.")]
    [InlineData("train --preset seed --output /dev/null/seed.onnx",
        "--output '/dev/null/seed.onnx' cannot be written: ")]
    [InlineData("train --preset seed --output {folder}/seed.onnx --data {folder}",
        "There are no training images in '{folder}', which --data names: neither ")]
    [InlineData("evaluate", "Required argument 'MODEL.onnx' missing for command: 'evaluate'. See --help.")]
    [InlineData("evaluate --image pictures", "There is no option '--image'. See --help.")]
    [InlineData("evaluate {folder}/none.onnx", "There is no model at '{folder}/none.onnx'.")]
    [InlineData("evaluate {folder}/text.onnx",
        "The model '{folder}/text.onnx' is not an ONNX file that can be loaded: ")]
    [InlineData("evaluate {model} --images {folder}/none",
        "There is no folder or ZIP file '{folder}/none', which --images names.")]
    [InlineData("evaluate {model} --images {folder} --data {folder}", "Give --data or --images, not both.")]
    [InlineData("evaluate {model} --images {folder} --report {folder}",
        "--report '{folder}' is a folder; name the file.")]
    [InlineData("refine {model} --output {folder}/x.onnx --allow-loss", "--allow-loss goes with --images.")]
    [InlineData("refine {model} --output {folder}/x.onnx --evidence-epochs 0",
        "--evidence-epochs is 0, so nothing would be learned.")]
    [InlineData("refine {bytes} --output {folder}/x.onnx --images {folder}/none.zip",
        "There is no folder or ZIP file '{folder}/none.zip', which --images names.")]
    [InlineData("reproduce --seeds 20-1",
        "--seeds is '20-1', but it must be two whole numbers like 1-20, at most 1,000 seeds.")]
    [InlineData("data --data {folder}", "There are no training images in '{folder}', which --data names: neither ")]
    public async Task Impossible_commands_end_with_a_sentence_and_exit_code_2(string commandLine, string sentence)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "text.onnx"), "no model");
        string Fill(string text) =>
            text.Replace("{folder}", _folder.FullName)
                .Replace("{model}", Repository.PathOf("models", "seed.onnx"))
                .Replace("{bytes}", Repository.PathOf("models", "digits.onnx"));

        TrainerProgram.Result result =
            await TrainerProgram.RunAsync(Fill(commandLine).Split(' ', StringSplitOptions.RemoveEmptyEntries));

        result.ExitCode.ShouldBe(ExitCodes.BadInput);
        result.Error.ShouldStartWith(Fill(sentence));
        result.Error.ShouldNotContain("\n");
        result.Output.ShouldBeEmpty();
        _folder.EnumerateFiles("*", SearchOption.AllDirectories).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("MODEL.onnx is empty. See --help.", "evaluate", "")]
    [InlineData("MODEL.onnx is empty. See --help.", "quantize", "", "--output", "x.onnx")]
    [InlineData("MODEL.onnx is empty. See --help.", "refine", "", "--output", "x.onnx")]
    [InlineData("--tensorboard is empty. See --help.", "train", "--preset", "seed", "--tensorboard", "")]
    public async Task An_empty_name_is_refused_with_a_sentence(string sentence, params string[] args)
    {
        TrainerProgram.Result result = await TrainerProgram.RunAsync(args);

        result.ExitCode.ShouldBe(ExitCodes.BadInput);
        result.Error.ShouldBe(sentence);
    }

    [Theory]
    [InlineData("quantize")]
    [InlineData("refine")]
    public async Task Byte_weights_do_not_replace_the_float_weights_that_they_are_made_from(string command)
    {
        string model = WriteUntrained();
        byte[] before = await File.ReadAllBytesAsync(model);

        TrainerProgram.Result result = await TrainerProgram.RunAsync([command, model, "--output", model]);

        result.ExitCode.ShouldBe(ExitCodes.BadInput);
        result.Error.ShouldBe(
            $"--output '{model}' is the model itself, whose float weights would be lost. Name another file.");
        (await File.ReadAllBytesAsync(model)).ShouldBe(before);
    }

    [Fact]
    public async Task MNIST_DIR_names_the_data_where_no_option_does()
    {
        string mnist = MnistImages.Folder;

        TrainerProgram.Result found = await TrainerProgram.RunAsync(["data"], [("MNIST_DIR", mnist)]);
        TrainerProgram.Result empty = await TrainerProgram.RunAsync(["data"], [("MNIST_DIR", _folder.FullName)]);
        TrainerProgram.Result overruled =
            await TrainerProgram.RunAsync(["data", "--data", mnist], [("MNIST_DIR", _folder.FullName)]);

        found.Output.ShouldBe([Path.GetFullPath(mnist)]);
        empty.ExitCode.ShouldBe(ExitCodes.BadInput);
        empty.Error.ShouldStartWith($"There are no training images in '{_folder.FullName}', which MNIST_DIR names: ");
        overruled.Output.ShouldBe(found.Output);
    }

    [Fact]
    public async Task Without_MNIST_DIR_the_user_s_cache_is_read()
    {
        DirectoryInfo cache = _folder.CreateSubdirectory("mnist-lstm").CreateSubdirectory("mnist");
        bool IsMnist(string file) => MnistFile.All.Any(known => Path.GetFileName(file).StartsWith(known.Name));
        foreach (string file in Directory.GetFiles(MnistImages.Folder).Where(IsMnist))
        {
            File.CreateSymbolicLink(Path.Combine(cache.FullName, Path.GetFileName(file)), Path.GetFullPath(file));
        }

        TrainerProgram.Result result =
            await TrainerProgram.RunAsync(["data"], [("MNIST_DIR", ""), ("XDG_CACHE_HOME", _folder.FullName)]);

        result.ShouldSatisfyAllConditions(
            () => result.ExitCode.ShouldBe(ExitCodes.Success),
            () => result.Output.ShouldBe([cache.FullName]));
    }

    [Fact]
    public async Task A_run_that_Ctrl_C_stopped_continues_to_the_very_file_of_a_run_that_was_not()
    {
        _ = MnistImages.Folder;
        string whole = Path.Combine(_folder.FullName, "whole", "seed.onnx");
        string stopped = Path.Combine(_folder.FullName, "stopped", "seed.onnx");
        string checkpoint = Path.Combine(_folder.FullName, "stopped", "checkpoints", "seed.checkpoint");
        string[] Train(string path) =>
            ["train", "--preset", "seed", "--seed", "3", "--hidden-size", "64", "--batch-size", "128", "--steps", "400",
                "--output", path];

        TrainerProgram.Result uninterrupted = await TrainerProgram.RunAsync(Train(whole));
        TrainerProgram.Result interrupted = await TrainerProgram.RunAsync(Train(stopped), seen: (line, process) =>
        {
            if (line.StartsWith("step: 10 ", StringComparison.Ordinal))
            {
                TrainerProgram.Interrupt(process);
            }
        });

        uninterrupted.ExitCode.ShouldBe(ExitCodes.Success, uninterrupted.Error);
        uninterrupted.Output.Take(40).ShouldAllBe(line => LogLine().IsMatch(line));
        uninterrupted.Output[40].ShouldMatch(@"^Test Accuracy: 0\.\d+$");
        uninterrupted.Output[41].ShouldMatch(
            @"^Test accuracy on all 10,000: \d\d\.\d\d % \([\d,]+ right, 95 % interval \d\d\.\d\d to \d\d\.\d\d %\)$");
        interrupted.ExitCode.ShouldBe(ExitCodes.Interrupted);
        interrupted.Error.ShouldBe(
            "Stopping …\nStopped. Add --resume to the same command to continue.");
        Directory.GetFiles(Path.GetDirectoryName(stopped)!).ShouldBeEmpty();
        File.Exists(checkpoint).ShouldBeTrue();

        TrainerProgram.Result resumed = await TrainerProgram.RunAsync([.. Train(stopped), "--resume"]);

        resumed.ExitCode.ShouldBe(ExitCodes.Success, resumed.Error);
        (await File.ReadAllBytesAsync(stopped)).ShouldBe(await File.ReadAllBytesAsync(whole));
        interrupted.Output.Concat(resumed.Output).Take(42).ShouldBe(uninterrupted.Output.Take(42));
        Directory.Exists(Path.GetDirectoryName(checkpoint)).ShouldBeFalse();
        ShouldStandAlone(Path.Combine(_folder.FullName, "whole", "seed.report.html"));
    }

    [Fact]
    public async Task A_run_whose_terminal_is_closed_leaves_a_checkpoint()
    {
        _ = MnistImages.Folder;
        string[] args = ["train", "--preset", "seed", "--output", Path.Combine(_folder.FullName, "seed.onnx")];

        TrainerProgram.Result closed = await TrainerProgram.RunAsync(args, seen: (line, process) =>
        {
            if (line.StartsWith("step: 10 ", StringComparison.Ordinal))
            {
                Posix.Signal(process.Id, Posix.HangUp);
            }
        });

        closed.ExitCode.ShouldBe(ExitCodes.Interrupted);
        File.Exists(Path.Combine(_folder.FullName, "checkpoints", "seed.checkpoint")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_stopped_run_does_not_go_on_with_other_data()
    {
        string first = Path.Combine(_folder.FullName, "first");
        string other = Path.Combine(_folder.FullName, "other");
        IdxFiles.WriteMnist(first, train: 1_200, test: 200);
        IdxFiles.WriteMnist(other, train: 1_300, test: 200);
        string[] Train(string data) =>
            ["train", "--preset", "seed", "--hidden-size", "16", "--batch-size", "64", "--steps", "100000",
                "--data", data, "--output", Path.Combine(_folder.FullName, "seed.onnx")];

        TrainerProgram.Result interrupted = await TrainerProgram.RunAsync(Train(first), seen: (line, process) =>
        {
            if (line.StartsWith("step: 10 ", StringComparison.Ordinal))
            {
                TrainerProgram.Interrupt(process);
            }
        });
        TrainerProgram.Result resumed = await TrainerProgram.RunAsync([.. Train(other), "--resume"]);

        interrupted.ExitCode.ShouldBe(ExitCodes.Interrupted, interrupted.Error);
        resumed.ExitCode.ShouldBe(ExitCodes.BadInput);
        resumed.Error.ShouldMatch("belongs to a run with the data [0-9a-f]{12};");
    }

    [Fact]
    public async Task Signals_that_arrive_while_networks_learn_leave_the_heap_alone()
    {
        _ = MnistImages.Folder;
        const int Runs = 4;
        const int Signals = 25; // before the one that ends a run
        TimeSpan pause = TimeSpan.FromMilliseconds(20); // between signals: they arrive at different kernels

        for (int run = 0; run < Runs; run++)
        {
            TrainerProgram.Result result = await TrainerProgram.RunAsync(
                ["reproduce", "--seeds", "1-20"], seen: (line, process) =>
                {
                    if (line.StartsWith("training with seed 1 ", StringComparison.Ordinal))
                    {
                        for (int n = 0; n < Signals; n++)
                        {
                            Thread.Sleep(pause);
                            Posix.Signal(process.Id, Posix.Continue); // .NET handles it like Ctrl+C
                        }

                        TrainerProgram.Interrupt(process);
                    }
                });

            result.ExitCode.ShouldBe(ExitCodes.Interrupted, result.Error);
            result.Error.ShouldBe("training with seed 1 of 1 to 20\nStopping …\nStopped.");
            result.Output.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_stopped_comparison_of_seeds_shows_those_that_are_done()
    {
        _ = MnistImages.Folder;

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            ["reproduce", "--seeds", "4-9"], seen: (line, process) =>
            {
                if (line.StartsWith("training with seed 5 ", StringComparison.Ordinal))
                {
                    TrainerProgram.Interrupt(process);
                }
            });

        result.ExitCode.ShouldBe(ExitCodes.Interrupted, result.Error);
        result.Error.ShouldEndWith("\nStopped.");
        result.Output[0].ShouldBe("| figure | the post | minimum | median | maximum | the post lies |");
        result.Output.Count.ShouldBe(11);
    }

    [Fact]
    public async Task The_help_of_refine_gives_its_own_defaults()
    {
        TrainerProgram.Result result = await TrainerProgram.RunAsync(["refine", "--help"]);

        string help = string.Join('\n', result.Output);
        help.ShouldContain("Default: 16 (without --images), 3 (with --images).");
        help.ShouldNotContain("(seed)");
    }

    [Fact]
    public async Task A_canceled_evaluation_of_many_pictures_ends_promptly()
    {
        File.Copy(Repository.PathOf("docs", "images", "five.png"), Path.Combine(_folder.FullName, "five.png"));
        await File.WriteAllLinesAsync(Path.Combine(_folder.FullName, "labels.csv"),
            Enumerable.Repeat("five.png,5", 500_000), TestContext.Current.CancellationToken);
        string table = Path.Combine(_folder.FullName, "table.csv");
        string one = _folder.CreateSubdirectory("one").FullName;
        File.Copy(Repository.PathOf("docs", "images", "five.png"), Path.Combine(one, "five.png"));

        TrainerProgram.Result stopped = await TrainerProgram.RunAsync(
            ["evaluate", Repository.PathOf("models", "seed.onnx"), "--not-digits", one, "--images", _folder.FullName,
                "--predictions", table],
            seen: (line, process) =>
            {
                if (line.StartsWith("Called no digit: ", StringComparison.Ordinal))
                {
                    TrainerProgram.Interrupt(process);
                }
            });

        stopped.ExitCode.ShouldBe(ExitCodes.Interrupted);
        stopped.Error.ShouldBe("Stopping …\nStopped.");
        stopped.Output.ShouldNotContain(line => line.StartsWith("Accuracy", StringComparison.Ordinal));
        File.Exists(table).ShouldBeFalse();
    }

    [Fact]
    public async Task Numbers_are_read_as_by_the_service_and_counted()
    {
        byte[] five = await File.ReadAllBytesAsync(
            Repository.PathOf("docs", "images", "five.png"), TestContext.Current.CancellationToken);
        ImageDecoder.Decode(five, ImageLimits.Default, out GrayImage? image).ShouldBe(ImageProblem.None);
        byte[] two = new byte[2 * image!.Pixels.Length];
        for (int y = 0; y < image.Height; y++)
        {
            image.Row(y).CopyTo(two.AsSpan(2 * y * image.Width));
            image.Row(y).CopyTo(two.AsSpan(((2 * y) + 1) * image.Width));
        }

        await WriteAsync("one.png", five);
        await WriteAsync("two.png", Pictures.GrayPng(two, 2 * image.Width, image.Height));
        await WriteAsync("blank.png", Pictures.GrayPng(new byte[100], 10, 10));
        await WriteAsync("none.png", [1, 2, 3]);
        await WriteAsync("labels.csv", "file,text\ntwo.png,55\none.png,58\nblank.png,\nnone.png,1\n"u8.ToArray());

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            ["evaluate", Repository.PathOf("models", "digits.onnx"), "--numbers", _folder.FullName]);

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        result.Output.Skip(1).ShouldBe(
        [
            "Exact: 66.67 % (2 of 3) numbers",
            "Recall: 75.00 % (3 of 4) digits in the pictures",
            "Precision: 100.00 % (3 of 3) digits that were read",
            "one.png: '58' read as '5'",
            "Not read and not counted: none.png (no picture format that is read)",
        ]);

        await WriteAsync("labels.csv", "file,text\nnone.png,1\n"u8.ToArray());
        TrainerProgram.Result unread = await TrainerProgram.RunAsync(
            ["evaluate", Repository.PathOf("models", "digits.onnx"), "--numbers", _folder.FullName]);

        unread.ExitCode.ShouldBe(ExitCodes.BadInput);
        unread.Error.ShouldBe(
            $"None of the 1 pictures in '{_folder.FullName}' could be read; the first: none.png (no picture format "
            + "that is read).");

        Task WriteAsync(string name, byte[] bytes) =>
            File.WriteAllBytesAsync(Path.Combine(_folder.FullName, name), bytes, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_log_says_how_far_a_run_is_and_how_long_it_still_takes()
    {
        _ = MnistImages.Folder;
        string model = Path.Combine(_folder.FullName, "logged", "seed.onnx");

        TrainerProgram.Result result = await TrainerProgram.RunAsync(
            ["train", "--preset", "seed", "--log-every", "0", "--hidden-size", "16", "--batch-size", "1000", "--steps",
                "66", "--output", model]);

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        string[] epochs = [.. result.Output.Where(line => line.StartsWith("epoch ", StringComparison.Ordinal))];
        epochs.ShouldAllBe(line => EpochLine().IsMatch(line));
        epochs.Length.ShouldBe(2);
        epochs[1].ShouldEndWith(", 0:00 left");
    }

    [Fact]
    public async Task Evaluate_gives_the_card_s_figures_and_a_page_that_stands_alone()
    {
        _ = MnistImages.Folder;
        string report = Path.Combine(_folder.FullName, "new", "report.html");
        ModelCard card = ModelCard.FromJson(await File.ReadAllTextAsync(Repository.PathOf("models", "seed.card.json")));

        TrainerProgram.Result result =
            await TrainerProgram.RunAsync(["evaluate", Repository.PathOf("models", "seed.onnx"), "--report", report]);

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        result.Output.ShouldContain($"Accuracy: {ResultText.Describe(card.Test)}");
        int confusion = result.Output.IndexOf("Confusion matrix, row = label, column = digit");
        for (int label = 0; label < 10; label++)
        {
            result.Output[confusion + 2 + label].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .ShouldBe([$"{label}", .. card.Test.Confusion[label].Select(count => count == 0 ? "." : $"{count}")]);
        }

        string page = await File.ReadAllTextAsync(report);
        int mistakes = card.Test.Images - card.Test.Correct;
        page.ShouldContain($">All {mistakes:N0} mistakes<");
        Source().Count(page).ShouldBe(mistakes);
        ShouldStandAlone(report);
    }

    [Fact]
    public async Task Evaluate_reads_a_folder_of_pictures_as_the_service_reads_uploads()
    {
        DigitSet digits = TestDigits.Mnist(20);
        for (int n = 0; n < digits.Count; n++)
        {
            DirectoryInfo label = _folder.CreateSubdirectory($"{digits.Labels[n]}");
            await File.WriteAllBytesAsync(
                Path.Combine(label.FullName, $"{n}.png"), Pictures.GrayPng(digits.Image(n), 28, 28));
        }

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, $"{digits.Labels[0]}", "text.png"), "no picture");

        TrainerProgram.Result result =
            await TrainerProgram.RunAsync(
                ["evaluate", Repository.PathOf("models", "digits.onnx"), "--images", _folder.FullName]);

        result.ExitCode.ShouldBe(ExitCodes.Success, result.Error);
        result.Output.ShouldContain(line => line.StartsWith("Accuracy: 100.00 % (20 right"));
        result.Output[^1]
            .ShouldBe($"Not read and not counted: {digits.Labels[0]}/text.png (no picture format that is read)");
    }

    [Fact]
    public void Every_command_of_the_documents_is_understood()
    {
        string[] commands =
        [
            .. Documents()
                .SelectMany(File.ReadLines)
                .SelectMany(line => DocumentedCommand().Matches(line))
                .Select(match => match.Groups[1].Value.Trim())
        ];

        commands.Length.ShouldBeGreaterThan(5);
        RootCommand root = TrainerCommands.Create();
        foreach (string command in commands)
        {
            root.Parse(command).Errors.Select(error => error.Message).ShouldBeEmpty($"'{command}'");
        }
    }

    private static IEnumerable<string> Documents() =>
        Directory.GetFiles(Repository.Root, "*.md")
        .Concat(Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories));

    /// <summary>No script, and nothing that a browser would have to fetch.</summary>
    private static void ShouldStandAlone(string path)
    {
        string page = File.ReadAllText(path);
        page.ShouldStartWith("<!doctype html>");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("<link");
        page.ShouldNotContain("url(");
        page.ShouldNotContain("@import");
        Source().Matches(page).Select(match => match.Groups[1].Value)
            .ShouldAllBe(source => source.StartsWith("data:image/png;base64,"));
    }

    [GeneratedRegex(@"^step: \d+ / loss: \d+\.\d{6} / acc: [01]\.\d{5}$")]
    private static partial Regex LogLine();

    [GeneratedRegex(
        @"^epoch \d: training loss \d\.\d{4}, validation loss \d\.\d{4}, "
            + @"validation accuracy \d\d\.\d\d %, [\d,]+ images/s, \d+:\d\d left$")]
    private static partial Regex EpochLine();

    [GeneratedRegex(@"dotnet run --project src/Trainer -c Release -- ([^`|]+)")]
    private static partial Regex DocumentedCommand();

    [GeneratedRegex("(?:src|href)=\"([^\"]*)\"")]
    private static partial Regex Source();

    [Fact]
    public async Task A_refined_model_has_byte_weights_and_trainable_float_weights_beside_it()
    {
        string start = WriteUntrained();
        string refined = Path.Combine(_folder.FullName, "mine.onnx");
        string[] command =
        [
            "refine", start, "--output", refined, "--data", MnistImages.Folder,
            "--evidence-epochs", "1", "--evidence-rate", "0.0001", "--non-digit-pictures", "500",
        ];

        TrainerProgram.Result result = await TrainerProgram.RunAsync(command);

        result.Error.ShouldBeEmpty();
        result.ExitCode.ShouldBe(ExitCodes.Success);
        result.Output[0].ShouldBe("drawing 500 pictures without a digit");
        result.Output[2].ShouldBe("measuring the model");
        result.Output.ShouldNotContain(line => line.StartsWith("Test Accuracy", StringComparison.Ordinal));
        result.Output.ShouldContain(line => line.Contains(", script letter "));
        using DigitClassifier bytes = DigitClassifier.Load(refined);
        string beside = Path.Combine(_folder.FullName, "mine-float.onnx");
        using DigitClassifier floats = DigitClassifier.Load(beside);
        bytes.Card.Quantization!.FloatSha256.ShouldBe(floats.Card.ModelSha256);
        floats.Card.Quantization.ShouldBeNull();
        _folder.EnumerateFiles("mine*").Select(file => file.Name).Order().ShouldBe(
            ["mine-float.card.json", "mine-float.onnx", "mine.card.json", "mine.onnx", "mine.report.html"]);

        command[1] = refined;
        TrainerProgram.Result stopped = await TrainerProgram.RunAsync(command, seen: (line, process) =>
        {
            if (line == "measuring the model")
            {
                TrainerProgram.Interrupt(process);
            }
        });

        stopped.ExitCode.ShouldBe(ExitCodes.Interrupted, stopped.Error);
        MnistFile.Hash(await File.ReadAllBytesAsync(refined)).ShouldBe(bytes.Card.ModelSha256);
        MnistFile.Hash(await File.ReadAllBytesAsync(beside)).ShouldBe(floats.Card.ModelSha256);
        _folder.EnumerateFiles("*.partial").ShouldBeEmpty();

        File.Delete(beside);
        TrainerProgram.Result again = await TrainerProgram.RunAsync(command);

        again.ExitCode.ShouldBe(ExitCodes.BadInput);
        again.Error.ShouldBe(
            $"The model '{refined}' has byte weights, which cannot learn. Give the one with float weights that it was "
            + $"made from: "
            + $"{beside}, version {floats.Card.Version}.");
    }

    /// <summary>A small network as it is before the first step.</summary>
    private string WriteUntrained()
    {
        using var network = new LstmClassifier(8);
        network.Initialize(InitialValues.PyTorch, seed: 1);
        DigitSet bars = TestDigits.Bars(100, stream: 1);
        TrainingOptions options = TrainingOptions.Best with { HiddenSize = 8, EvidenceEpochs = 0 };
        string path = Path.Combine(_folder.FullName, "untrained.onnx");
        return TestModels.Write(
            new TrainedNetwork(network, new TrainingHistory()), options, new MnistDataset(bars, bars, bars), path).Path;
    }
}
