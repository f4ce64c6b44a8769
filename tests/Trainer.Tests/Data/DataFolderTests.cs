using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Tests.Data;

/// <summary>Data sets as people have them on their disks.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mnist-lstm-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("train-images-idx3-ubyte", "t10k-images-idx3-ubyte", false)]
    [InlineData("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz", true)]
    [InlineData("train-images-idx3-ubyte", "t10k-images-idx3-ubyte", true)]
    [InlineData("train-images.idx3-ubyte", "t10k-images.idx3-ubyte", false)]
    [InlineData("MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/t10k-images-idx3-ubyte", false)]
    [InlineData("train-images-idx3-ubyte/train-images-idx3-ubyte",
        "t10k-images-idx3-ubyte/t10k-images-idx3-ubyte", false)]
    public async Task MNIST_is_recognized_by_its_hashes_under_any_usual_name(string train, string test, bool packed)
    {
        WriteMnist("train", train, packed);
        WriteMnist("t10k", test, packed);

        MnistDataset data = await LoadAsync();

        data.Note.ShouldBeNull();
        data.Sha256.ShouldBe(MnistFile.Hashes, ignoreOrder: true);
        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((55_000, 5_000, 10_000));
    }

    [Fact]
    public async Task A_custom_data_set_holds_out_a_random_share_of_its_images()
    {
        DigitSet train = Sorted(2_400);
        WriteIdx("train-images-idx3-ubyte", "train-labels-idx1-ubyte", train);
        WriteIdx("test-images-idx3-ubyte", "test-labels-idx1-ubyte", Sorted(200));

        MnistDataset data = await LoadAsync();

        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((2_200, 200, 200));
        data.Validation.Labels.Distinct().Count().ShouldBe(10);
        data.Train.Labels.Concat(data.Validation.Labels).Order().ShouldBe(train.Labels.Order());
        data.Sha256.Keys.ShouldBe(
            ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "test-images-idx3-ubyte", "test-labels-idx1-ubyte"],
            ignoreOrder: true);
        data.Note.ShouldBe(
            $"The data in '{_folder.FullName}' is not MNIST (by the hashes of its files): 2,200 images to learn from, "
            + "200 held out of them, 200 test images.");
    }

    [Fact]
    public async Task EMNIST_s_digits_are_found_beside_its_letters_and_stand_upright()
    {
        DigitSet digits = Sorted(1_200);
        var asStored = new DigitSet(
            [.. Enumerable.Range(0, digits.Count).SelectMany(n => Transposed(digits.Image(n)))], digits.Labels);
        WriteIdx("gzip/emnist-digits-train-images-idx3-ubyte.gz",
            "gzip/emnist-digits-train-labels-idx1-ubyte.gz", asStored);
        WriteIdx("gzip/emnist-digits-test-images-idx3-ubyte.gz",
            "gzip/emnist-digits-test-labels-idx1-ubyte.gz", asStored);
        WriteIdx("gzip/emnist-letters-train-images-idx3-ubyte.gz",
            "gzip/emnist-letters-train-labels-idx1-ubyte.gz", asStored);

        MnistDataset data = await LoadAsync();

        data.Test.Pixels.ShouldBe(digits.Pixels);
    }

    [Fact]
    public async Task QMNIST_s_labels_are_the_first_of_their_eight_numbers()
    {
        DigitSet digits = Sorted(1_200);
        WriteIdx("qmnist-train-images-idx3-ubyte", null, digits);
        WriteIdx("qmnist-test-images-idx3-ubyte", null, digits);
        Write("qmnist-train-labels-idx2-int", QmnistLabels(digits.Labels));
        Write("qmnist-test-labels-idx2-int", QmnistLabels(digits.Labels));

        MnistDataset data = await LoadAsync();

        data.Test.Labels.ShouldBe(digits.Labels);
    }

    [Theory]
    [InlineData("train.csv")]
    [InlineData("train.csv.gz")]
    public async Task Kaggle_s_train_csv_gives_the_test_images_too(string name)
    {
        DigitSet digits = Sorted(1_400);
        byte[] table = Csv(digits, header: true);
        Write(name, table);
        Write("test.csv",
            Encoding.UTF8.GetBytes($"{string.Join(',', Enumerable.Range(0, 784).Select(p => $"pixel{p}"))}\n"));

        MnistDataset data = await LoadAsync();

        (data.Train.Count, data.Validation.Count, data.Test.Count).ShouldBe((1_100, 100, 200));
        data.Train.Labels.Concat(data.Validation.Labels).Concat(data.Test.Labels).Order()
            .ShouldBe(digits.Labels.Order());
        Images(data.Train).Concat(Images(data.Validation)).Concat(Images(data.Test)).Order()
            .ShouldBe(Images(digits).Order());
        data.Sha256["train.csv"].ShouldBe(MnistFile.Hash(table));
        data.Sha256.Count.ShouldBe(1);
        data.Note!.ShouldEndWith("200 test images, which are part of the training images because there are no others.");
    }

    [Fact]
    public async Task MNIST_in_CSV_is_MNIST()
    {
        MnistImages test = MnistImages.Test();
        WriteMnist("train", "train-images-idx3-ubyte", packed: false);
        Write("mnist_test.csv", Csv(TestDigits.Mnist(test.Count), header: false));

        (await LoadAsync()).Sha256.ShouldBe(MnistFile.Hashes, ignoreOrder: true);
    }

    [Fact]
    public void A_blank_line_of_a_table_is_ignored_and_a_wrong_line_is_reported_by_number()
    {
        Write("train.csv", [.. Csv(TestDigits.Mnist(2), header: true), .. "\n\n"u8]);
        Write("test.csv", "5,0\n"u8.ToArray());
        var folder = new DataFolder(_folder.FullName, "--data");

        folder.Load(SplitName.Train)!.Digits.Count.ShouldBe(2);
        Should.Throw<TrainerException>(() => folder.Load(SplitName.Test)).Message.ShouldBe(
            $"'{Path.Combine(_folder.FullName, "test.csv")}', line 1: there are 2 cells, "
            + "but a label and 784 pixels are 785.");
    }

    [Theory]
    [InlineData("5,300{zeros}", ", line 2, column 2: '300' is not a pixel from 0 to 255.")]
    [InlineData("x,0{zeros}", ", line 2, column 1: 'x' is not a label from 0 to 9.")]
    [InlineData("5,0", ", line 2: there are 2 cells, but a label and 784 pixels are 785.")]
    [InlineData("10,0{zeros}", " has the label 10 at 0; labels are 0 to 9.")]
    public async Task A_bad_line_of_a_CSV_is_named(string line, string sentence)
    {
        string zeros = string.Concat(Enumerable.Repeat(",0", 783));
        Write("train.csv",
            Encoding.UTF8.GetBytes($"label{zeros.Replace("0", "p")},p\n{line.Replace("{zeros}", zeros)}\n"));

        (await ProblemAsync()).ShouldBe($"'{Path.Combine(_folder.FullName, "train.csv")}'{sentence}");
    }

    [Fact]
    public async Task Violations_are_described_in_a_sentence()
    {
        string missing = Path.Combine(_folder.FullName, "none");
        (await ProblemAsync(missing)).ShouldBe($"There is no folder '{missing}', which --data names.");

        WriteIdx("train-images-idx3-ubyte", null, Sorted(100));
        (await ProblemAsync()).ShouldBe(
            $"There are no labels beside the images '{Path.Combine(_folder.FullName, "train-images-idx3-ubyte")}'.");

        WriteIdx("train-images-idx3-ubyte", "train-labels-idx1-ubyte", Sorted(140));
        (await ProblemAsync()).ShouldBe(
            $"'{_folder.FullName}' has 120 training images and 20 test images; a network needs at least 1,000 and 128. "
            + "A trained model learns from a few pictures of your own with refine --images.");

        WriteIdx("kmnist-train-images-idx3-ubyte", "kmnist-train-labels-idx1-ubyte", Sorted(140));
        (await ProblemAsync()).ShouldStartWith($"'{_folder.FullName}' has several data sets (");
    }

    [Fact]
    public async Task Two_data_sets_with_the_same_file_names_are_not_mixed()
    {
        WriteIdx("FashionMNIST/raw/train-images-idx3-ubyte", "FashionMNIST/raw/train-labels-idx1-ubyte", Sorted(140));
        WriteIdx("MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-labels-idx1-ubyte", TestDigits.Bars(140, 3));

        (await ProblemAsync()).ShouldStartWith($"'{_folder.FullName}' has several data sets (");
    }

    [Fact]
    public void A_second_copy_of_a_file_is_no_second_data_set()
    {
        WriteIdx("train-images.idx3-ubyte", "train-labels.idx1-ubyte", Sorted(140));
        WriteIdx("train-images-idx3-ubyte/train-images-idx3-ubyte", "packed/train-labels-idx1-ubyte.gz", Sorted(140));

        new DataFolder(_folder.FullName, "--data").Load(SplitName.Train)!.Digits.Count.ShouldBe(140);
    }

    [Fact]
    public void A_damaged_second_copy_of_a_file_does_not_hide_the_first()
    {
        WriteIdx("train-images.idx3-ubyte", "train-labels.idx1-ubyte", Sorted(140));
        string packed = Path.Combine(_folder.FullName, "train-labels.idx1-ubyte.gz");
        File.WriteAllBytes(packed, [0x1F, 0x8B, 8, 0]);

        new DataFolder(_folder.FullName, "--data").Load(SplitName.Train)!.Digits.Count.ShouldBe(140);
    }

    [Fact]
    public async Task MNIST_without_its_test_images_is_not_mistaken_for_another_set()
    {
        WriteMnist("train", "train-images-idx3-ubyte", packed: false);

        string problem = await ProblemAsync();
        TrainerException problemOfTest = await Should.ThrowAsync<TrainerException>(() =>
            MnistDataset.LoadTestAsync(MnistSource.Find(_folder.FullName), TestContext.Current.CancellationToken));

        problem.ShouldBe(
            $"'{_folder.FullName}' has MNIST's training images without its test images: copy 't10k-images-idx3-ubyte' "
            + $"and "
            + "'t10k-labels-idx1-ubyte' there too.");
        problemOfTest.Message.ShouldBe(problem);
    }

    private async Task<MnistDataset> LoadAsync() =>
        await MnistDataset.LoadAsync(
            MnistSource.Find(_folder.FullName), TestContext.Current.CancellationToken);

    private async Task<string> ProblemAsync(string? folder = null) =>
        (await Should.ThrowAsync<TrainerException>(() => MnistDataset.LoadAsync(
        MnistSource.Find(folder ?? _folder.FullName), TestContext.Current.CancellationToken))).Message;

    /// <summary>Sorted by label: a bar across whose height is the label.</summary>
    private static DigitSet Sorted(int count)
    {
        DigitSet bars = TestDigits.Bars(count, stream: 3);
        return bars.Choose([.. Enumerable.Range(0, count).OrderBy(n => bars.Labels[n])]);
    }

    /// <summary>Each image with its label, as text.</summary>
    private static IEnumerable<string> Images(DigitSet digits) =>
        Enumerable.Range(0, digits.Count).Select(n => $"{digits.Labels[n]} {MnistFile.Hash(digits.Image(n))}");

    private static byte[] Transposed(ReadOnlySpan<byte> image)
    {
        var transposed = new byte[image.Length];
        for (int p = 0; p < image.Length; p++)
        {
            transposed[(p % 28 * 28) + (p / 28)] = image[p];
        }

        return transposed;
    }

    private static byte[] Csv(DigitSet digits, bool header)
    {
        var text = new StringBuilder(
            header ? $"label,{string.Join(',', Enumerable.Range(0, 784).Select(p => $"pixel{p}"))}\n" : "");
        for (int n = 0; n < digits.Count; n++)
        {
            text.Append(digits.Labels[n]).Append(',').AppendJoin(',', digits.Image(n).ToArray()).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] QmnistLabels(byte[] labels)
    {
        byte[] bytes = new byte[12 + (labels.Length * 32)];
        bytes[2] = 0x0C;
        bytes[3] = 2;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), labels.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), 8);
        for (int n = 0; n < labels.Length; n++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12 + (32 * n)), labels[n]);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16 + (32 * n)), 100_000 + n);
        }

        return bytes;
    }

    private void WriteIdx(string images, string? labels, DigitSet digits)
    {
        Write(images, [0, 0, 8, 3, .. BigEndian(digits.Count), .. BigEndian(28), .. BigEndian(28), .. digits.Pixels]);
        if (labels is not null)
        {
            Write(labels, [0, 0, 8, 1, .. BigEndian(digits.Count), .. digits.Labels]);
        }
    }

    private static byte[] BigEndian(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>A split of MNIST itself; the labels get the images' name with the usual changes.</summary>
    private void WriteMnist(string split, string name, bool packed)
    {
        foreach ((string published, string own) in new[]
        {
            ($"{split}-images-idx3-ubyte", name),
            ($"{split}-labels-idx1-ubyte", name.Replace("images", "labels").Replace("idx3", "idx1")),
        })
        {
            byte[] bytes = GzipFile.Read(
                new[] { published, published + ".gz" }.Select(file => Path.Combine(MnistImages.Folder, file))
                .First(File.Exists));
            Write(own, bytes, packed);
        }
    }

    private void Write(string name, byte[] bytes, bool? packed = null)
    {
        string path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        using Stream to = packed ?? name.EndsWith(".gz") ? new GZipStream(file, CompressionLevel.Fastest) : file;
        to.Write(bytes);
    }
}
