using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace MnistLstm.Trainer.Native;

/// <summary>TorchSharp's native half, libLibTorchSharp, and through it libtorch.</summary>
internal static class NativeBinding
{
    private const string Name = "LibTorchSharp";
    private const string FileName = "libLibTorchSharp.so";

    /// <summary>
    /// The binding requires this symbol version of libstdc++, which GCC 12's lacks (Debian 12, Ubuntu 22.04), for the
    /// sake of one symbol, _ZSt21ios_base_library_initv. It never calls it: GCC 13 refers to it wherever
    /// &lt;iostream&gt; is included, so that the loader rejects an older libstdc++.
    /// </summary>
    private const string UnusedVersion = "GLIBCXX_3.4.32";

    /// <summary>vna_hash and vna_flags of its Elf64_Vernaux (Linux Standard Base, Symbol Versioning).</summary>
    internal static ReadOnlySpan<byte> Required => [0x42, 0xf8, 0x97, 0x02, 0, 0];

    /// <summary>The same with VER_FLG_WEAK: the loader accepts its absence.</summary>
    private static ReadOnlySpan<byte> Optional => [0x42, 0xf8, 0x97, 0x02, 2, 0];

    /// <summary>Loads it before TorchSharp, which prints forty lines and copies libtorch where it cannot.</summary>
    /// <exception cref="DllNotFoundException">It does not load.</exception>
    public static void Load()
    {
        try
        {
            NativeLibrary.Load(Name, typeof(torch).Assembly, searchPath: null);
        }
        catch (DllNotFoundException e) when (e.Message.Contains(UnusedVersion, StringComparison.Ordinal))
        {
            NativeLibrary.Load("torch", typeof(torch).Assembly, searchPath: null); // not beside the copy
            nint binding = LoadCopy();
            AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => name == Name ? binding : 0;
        }
    }

    /// <summary>
    /// Has libtorch log errors alone. Its warnings, such as that NNPACK does not know the processor, are about what it
    /// then does another way. It reads the variable for that, TORCH_CPP_LOG_LEVEL, only under Python.
    /// </summary>
    public static void SilenceWarnings()
    {
        const int errors = 2; // GLOG_ERROR
        if (NativeLibrary.TryLoad("c10", typeof(torch).Assembly, searchPath: null, out nint library)
            && NativeLibrary.TryGetExport(library, "FLAGS_caffe2_log_level", out nint level))
        {
            Marshal.WriteInt32(level, errors);
        }
    }

    /// <summary>Loads a copy of the binding that does not insist on the version, and deletes the copy.</summary>
    private static nint LoadCopy()
    {
        string folders = (string)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES")!; // set by the .NET host
        byte[] binding = File.ReadAllBytes(
            folders.Split(Path.PathSeparator).Select(folder => Path.Combine(folder, FileName)).First(File.Exists));
        if (binding.AsSpan().IndexOf(Required) is >= 0 and int place)
        {
            Optional.CopyTo(binding.AsSpan(place));
        }

        DirectoryInfo temporary = Directory.CreateTempSubdirectory("mnist-lstm-");
        try
        {
            string copy = Path.Combine(temporary.FullName, FileName);
            File.WriteAllBytes(copy, binding);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }
}
