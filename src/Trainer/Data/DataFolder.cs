using System.Text.RegularExpressions;
using MnistLstm.Trainer.Errors;

namespace MnistLstm.Trainer.Data;

/// <summary>Which images of a data set.</summary>
public enum SplitName
{
    Train,
    Test,
}

/// <summary>
/// A folder with a data set in MNIST's form: IDX files, or CSV files with a label and 784 pixels a line. They have
/// their usual names, may be compressed, and may be in folders below it.
/// </summary>
/// <param name="namedBy">Which option or variable names it, for messages.</param>
public sealed partial class DataFolder(string path, string namedBy)
{
    private const int MaxDepth = 4; // torchvision and Kaggle nest two folders
    private const string Emnist = "emnist";
    private const string Digits = "digits";
    private const string Images = "images";
    private const string Labels = "labels";
    private const string Table = ".csv";

    private List<DataFile>? _files;

    public string Path => path;

    /// <returns>Null where the folder has no such images.</returns>
    /// <exception cref="TrainerException">A folder is missing, a file damaged, or the set ambiguous.</exception>
    public DataSplit? Load(SplitName split)
    {
        _files ??= Search();
        List<DataFile> idx = [.. _files.Where(file => file.Split == split && file.Kind != Table)];
        if (Choose(idx.GroupBy(file => file.Set).Where(set => set.DistinctBy(file => file.Kind).Count() == 2))
            is { } chosen)
        {
            string images = Only(chosen.Where(file => file.Kind == Images));
            string labels = Only(chosen.Where(file => file.Kind == Labels));
            return Upright(chosen.Key, DataSplit.Join(
                IdxFile.Parse(images, GzipFile.Read(images), dimensions: 3),
                IdxFile.ParseLabels(labels, GzipFile.Read(labels))));
        }

        if (Choose(_files.Where(file => file.Split == split && file.Kind == Table).GroupBy(file => file.Set))
            is { } tables)
        {
            return DigitTable.Read(Only(tables)) is { } table ? Upright(tables.Key, table) : null;
        }

        return idx.Count == 0
            ? null
            : throw new TrainerException(idx[0].Kind == Images
                ? $"There are no labels beside the images '{idx[0].Path}'."
                : $"There are no images beside the labels '{idx[0].Path}'.");
    }

    /// <param name="namedBy">Which option or variable names it.</param>
    /// <exception cref="TrainerException">There is no such folder.</exception>
    public static void Require(string folder, string namedBy)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainerException($"There is no folder '{folder}', which {namedBy} names.");
        }
    }

    public TrainerException MissingTrain() => new(
        $"There are no training images in '{path}', which {namedBy} names: neither 'train-images-idx3-ubyte' with "
        + "labels nor a 'train.csv' with a label and 784 pixels a line.");

    /// <summary>EMNIST (Cohen et al., 2017) is stored column by column, as MATLAB stores arrays.</summary>
    private static DataSplit Upright(string set, DataSplit split) =>
        set.Contains(Emnist, StringComparison.Ordinal) ? split.Transpose() : split;

    private IGrouping<string, DataFile>? Choose(IEnumerable<IGrouping<string, DataFile>> candidates)
    {
        List<IGrouping<string, DataFile>> sets = [.. candidates];
        List<IGrouping<string, DataFile>> ofDigits =
            sets.FindAll(set => set.Key.Contains(Digits, StringComparison.Ordinal));
        return (ofDigits.Count == 1 ? ofDigits : sets) switch
        {
            [] => null,
            [var only] => only,
            _ => throw Several(sets.Select(set => set.First())),
        };
    }

    /// <summary>The path of a file, or of the nearest of its copies.</summary>
    private string Only(IEnumerable<DataFile> files)
    {
        List<DataFile> copies = [.. files];
        return copies is [_] || copies.Select(HashOf).OfType<string>().Distinct().Count() <= 1
            ? copies[0].Path
            : throw Several(copies);
    }

    /// <returns>Null for a damaged file.</returns>
    private static string? HashOf(DataFile file)
    {
        try
        {
            return MnistFile.Hash(GzipFile.Read(file.Path));
        }
        catch (TrainerException)
        {
            return null;
        }
    }

    private TrainerException Several(IEnumerable<DataFile> files) => new(
        $"'{path}' has several data sets ({string.Join(", ", files.Select(file => $"'{file.Path}'"))}); "
        + "name a folder that has one of them.");

    /// <summary>Files whose names tell what they are: the nearer ones first, unpacked before packed.</summary>
    private List<DataFile> Search()
    {
        Require(path, namedBy);
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MaxDepth,
            IgnoreInaccessible = true,
        };
        return
        [
            .. Directory.EnumerateFiles(path, "*", options)
                .Select(DataFile.Of)
                .OfType<DataFile>()
                .OrderBy(file => file.Path.Count(c => c == System.IO.Path.DirectorySeparatorChar))
                .ThenBy(file => file.Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
                .ThenBy(file => file.Path, StringComparer.Ordinal),
        ];
    }

    /// <param name="Set">The prefix of the split's name: "emnist-digits-", "" for MNIST.</param>
    /// <param name="Kind"><see cref="Images"/>, <see cref="Labels"/> or <see cref="Table"/>.</param>
    private sealed partial record DataFile(string Set, SplitName Split, string Kind, string Path)
    {
        public static DataFile? Of(string path) =>
            Name().Match(System.IO.Path.GetFileName(path).ToLowerInvariant()) is { Success: true, Groups: var part }
                ? new DataFile(
                    part["set"].Value,
                    part["split"].Value == "train" ? SplitName.Train : SplitName.Test,
                    part["kind"].Value,
                    path)
                : null;

        [GeneratedRegex(
            @"^(?<set>.*?)(?<split>train|t10k|test)"
            + @"([-_](?<kind>images|labels)[-_.]idx[123][-_](ubyte|int)|(?<kind>\.csv))(\.gz)?$")]
        private static partial Regex Name();
    }
}
